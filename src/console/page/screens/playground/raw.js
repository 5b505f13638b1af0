import { useState } from 'preact/hooks';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { Code } from '../../ui/code.js';
import { Choice } from '../../ui/field.js';
import { Empty } from '../../ui/notices.js';
import { State } from '../../ui/state.js';
import { toCurl } from './exchange.js';

const SHOWN = 60_000;
const VIEWS = /** @type {const} */ (['request', 'answer', 'curl']);
const TELLING = /^(?:content-type|x-request-id|x-relay-|x-ratelimit-|retry-after)/;

/** The exchange as it goes over the wire. @param {{ of: import('./exchange.js').Exchange, isSent: boolean }} props */
export const Raw = ({ of: exchange, isSent }) => {
  const { t } = useLanguage();
  const [view, setView] = useState(/** @type {typeof VIEWS[number]} */ ('request'));
  const { method, address, headers, body, status, answerHeaders } = exchange;
  const raw = view === 'answer' ? exchange.raw.join('') : '';
  return html`<section class="raw" aria-label=${t('play.raw')}>
    <div class="raw-head">
      <${Choice}
        label=${t('play.raw')}
        value=${view}
        options=${VIEWS.map((one) => [one, t(`play.raw.${one}`)])}
        onChange=${setView}
      />
      ${status !== undefined && html`<${State} tone=${status < 400 ? 'good' : 'bad'}>${status}<//>`}
    </div>
    ${
      view === 'request' &&
      html`<${Code}
        label=${t('play.raw.request')}
        note=${`${method} ${new URL(address).pathname}`}
        text=${cut(`${linesOf(Object.entries(headers))}\n\n${shortened(body)}`)}
        copied=${body}
      />`
    }
    ${view === 'curl' && html`<${Code} label="curl" text=${toCurl(exchange)} />`}
    ${
      view === 'answer' &&
      (isSent && status !== undefined
        ? html`<${Code}
            label=${t('play.raw.answer')}
            note=${`HTTP ${status}`}
            text=${cut(`${linesOf(answerHeaders.filter(([name]) => TELLING.test(name)))}\n\n${shortened(raw)}`)}
            copied=${raw}
          />`
        : html`<${Empty} icon="requests" title=${t('play.raw.none')} />`)
    }
  </section>`;
};

/** @param {readonly (readonly [string, string])[]} headers */
const linesOf = (headers) => headers.map(([name, value]) => `${name}: ${value}`).join('\n');

/** Long base64 says nothing to anybody. @param {string} text */
const shortened = (text) =>
  text.replaceAll(/[A-Za-z0-9+/=]{400,}/g, (whole) => `${whole.slice(0, 40)}…(${whole.length})`);

/** @param {string} text */
const cut = (text) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}\n…` : text);
