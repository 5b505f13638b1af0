import { duration, exactTime, money, wholeNumber } from '../../lib/format.js';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { linkTo } from '../../lib/route.js';
import { Copy } from '../../ui/copy.js';
import { Dialog } from '../../ui/dialog.js';
import { Notice } from '../../ui/notices.js';
import { Time } from '../../ui/time.js';
import { RequestState, toneOfRequest, whatHappened, whatToDo } from './state.js';

/** All that is known of one request. @param {{ row: import('../../lib/answers.d.ts').RequestRow, onClose: () => void }} props */
export const RequestDetail = ({ row, onClose }) => {
  const language = useLanguage();
  const { t, tag } = language;
  const tone = toneOfRequest(row);
  const fix = whatToDo(row, language);
  const number = (/** @type {number} */ value) => wholeNumber(value, tag);
  const served = row.served_model && row.served_model !== row.model;
  return html`<${Dialog} side title=${t('request.title')} onClose=${onClose}>
    <${Notice} tone=${tone === 'off' ? 'info' : tone}>
      <p><strong>${whatHappened(row, language)}</strong></p>
      ${fix && html`<p>${fix}</p>`}
    <//>
    <dl class="pairs">
      <dt>${t('request.status')}</dt>
      <dd><${RequestState} row=${row} /> ${row.reason && html`<span class="mono quiet">${row.reason}</span>`}</dd>
      <dt>${t('request.time')}</dt>
      <dd>
        ${exactTime(Date.parse(row.time), tag)} <span class="quiet">(<${Time} at=${row.time} />)</span>
      </dd>
      <dt>${t('request.id')}</dt>
      <dd class="with-copy"><span class="mono">${row.id}</span> <${Copy} text=${row.id} /></dd>
    </dl>
    <h3>${t('request.asked')}</h3>
    <dl class="pairs">
      <dt>${t('request.key')}</dt>
      <dd><a href=${linkTo('requests', { key: row.key })} onClick=${onClose}>${row.key}</a></dd>
      <dt>${t('request.client')}</dt>
      <dd>${row.client ?? '–'}</dd>
      <dt>${t('request.route')}</dt>
      <dd class="mono">${row.route ?? '–'}</dd>
      <dt>${t('request.format')}</dt>
      <dd>${row.format ?? '–'}, ${t(row.stream ? 'request.streamed' : 'request.whole')}</dd>
      <dt>${t('request.model')}</dt>
      <dd class="mono">${row.model ?? '–'}</dd>
      ${
        served &&
        html`<dt>${t('request.served')}</dt>
          <dd class="mono">${row.served_model}</dd>`
      }
      <dt>${t('request.door')}</dt>
      <dd>
        ${row.door ? html`<a href=${linkTo('doors', { door: row.door })} onClick=${onClose}>${row.door}</a>` : '–'}
      </dd>
    </dl>
    <h3>${t('request.took')}</h3>
    <dl class="pairs pairs-numbers">
      <dt>${t('request.first')}</dt>
      <dd>${duration(row.first_ms)}</dd>
      <dt>${t('request.ms')}</dt>
      <dd>${duration(row.ms)}</dd>
      <dt>${t('request.retries')}</dt>
      <dd>${number(row.retries)}</dd>
      <dt>${t('tokens.input')}</dt>
      <dd>
        ${number(row.input_tokens)}${' '}
        ${row.cached_tokens > 0 && html`<span class="quiet">${t('tokens.of-cached', { count: number(row.cached_tokens) })}</span>`}
      </dd>
      <dt>${t('tokens.output')}</dt>
      <dd>
        ${number(row.output_tokens)}${' '}
        ${row.thought_tokens > 0 && html`<span class="quiet">${t('tokens.of-thoughts', { count: number(row.thought_tokens) })}</span>`}
      </dd>
      <dt>${t('request.cost')}</dt>
      <dd>${money(row.cost_usd, tag)}</dd>
    </dl>
    <p class="quiet">${t('request.nothing-kept')}</p>
  <//>`;
};
