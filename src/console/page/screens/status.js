import { useEffect, useRef } from 'preact/hooks';
import { useConsole } from '../lib/console.js';
import { longDuration } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { useResource } from '../lib/resource.js';
import { linkTo } from '../lib/route.js';
import { Icon } from '../ui/icon.js';
import { Shown } from '../ui/notices.js';
import { ScreenHead } from '../ui/panel.js';
import { State } from '../ui/state.js';
import { Told } from '../ui/told.js';
import { DoorsInShort } from './status/doors-in-short.js';
import { FirstSteps } from './status/first-steps.js';
import { Quota } from './status/quota.js';
import { Today } from './status/today.js';
import { LastTroubles } from './status/last-troubles.js';

const EVERY_MS = 10_000;
const SOON_MS = 3000;

/** Is it well, and if not, what to do. */
export const Status = () => {
  const { t } = useLanguage();
  const { live } = useConsole();
  const status = useResource('status', { everyMs: EVERY_MS });
  const waiting = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  useEffect(() => {
    const stop = live.listen(() => {
      waiting.current ??= setTimeout(() => {
        waiting.current = undefined;
        void status.reload();
      }, SOON_MS);
    });
    return () => {
      stop();
      clearTimeout(waiting.current);
    };
  }, [live, status.reload]);

  return html`<${ScreenHead} title=${t('screen.status')} />
    <${Shown} of=${status} lines=${8}>
      ${(/** @type {any} */ value) => html`
        <${Standing} value=${value} isKnown=${status.error === undefined} />
        <${FirstSteps} status=${value} />
        <${Today} status=${value} />
        <div class="columns">
          <${DoorsInShort} doors=${value.doors} />
          <${Quota} quota=${value.quota} />
        </div>
        <${LastTroubles} />
      `}
    <//>`;
};

const FINE = 'healthy';
const SOON = new Set(['starting', 'draining']);

/** @param {{ value: any, isKnown: boolean }} props `isKnown`: by the last question. Else it is what was known before. */
const Standing = ({ value, isKnown }) => {
  const { t } = useLanguage();
  const { version, uptime_seconds: uptime, store, redis } = value;
  return html`<section
    class=${`standing standing-${isKnown ? toneOf(value) : 'off'}`}
    aria-label=${t('status.standing')}
  >
    <${Word} value=${value} isKnown=${isKnown} />
    <dl class="facts">
      <div>
        <dt>${t('status.version')}</dt>
        <dd>${version}</dd>
      </div>
      <div>
        <dt>${t('status.uptime')}</dt>
        <dd>${isKnown ? longDuration(uptime) : '–'}</dd>
      </div>
      <div>
        <dt>${t('status.store')}</dt>
        <dd><${StoreState} store=${store} isKnown=${isKnown} /></dd>
      </div>
      ${
        redis &&
        html`<div>
          <dt>Redis</dt>
          <dd>
            ${isKnown ? html`<${State} tone=${redis.ok ? 'good' : 'bad'}>${t(redis.ok ? 'ok' : 'away')}<//>` : '–'}
          </dd>
        </div>`
      }
    </dl>
  </section>`;
};

/** @param {{ status: string }} value */
const toneOf = ({ status }) => (status === FINE ? 'good' : SOON.has(status) ? 'warn' : 'bad');

/** @param {{ value: any, isKnown: boolean }} props */
const Word = ({ value, isKnown }) => {
  const { t, named } = useLanguage();
  if (!isKnown) {
    return html`<span class="standing-icon"><${Icon} name="warning" /></span>
      <div class="standing-text">
        <p class="standing-word" role="status">${t('status.unknown')}</p>
        <p>${t('status.unknown.text')}</p>
      </div>`;
  }
  const { status, message } = value;
  return html`<span class="standing-icon"><${Icon} name=${status === FINE ? 'check' : 'warning'} /></span>
    <div class="standing-text">
      <p class="standing-word" role="status">${named('health', status) ?? status}</p>
      ${status !== FINE && named('health.fix', status) && html`<p>${named('health.fix', status)}</p>`}
      ${status !== FINE && message && html`<p class="quiet"><${Told} text=${message} /></p>`}
      ${
        status !== FINE &&
        !SOON.has(status) &&
        html`<p>
          <a href=${linkTo('doors')}>${t('status.to-doors')}</a> ·${' '}<a href=${linkTo('settings')}
            >${t('status.to-settings')}</a
          >
        </p>`
      }
    </div>`;
};

const STORES = /** @type {Readonly<Record<string, string>>} */ ({ sqlite: 'SQLite', postgres: 'PostgreSQL' });

/** @param {{ store: any, isKnown: boolean }} props */
const StoreState = ({ store, isKnown }) => {
  const { t } = useLanguage();
  if (!store || store.kind === 'none') return html`<span class="quiet">${t('status.no-store')}</span>`;
  const name = STORES[store.kind] ?? store.kind;
  if (!isKnown) return name;
  return html`<${State} tone=${store.ok ? 'good' : 'bad'}>${store.ok ? name : `${name}: ${t('away')}`}<//>`;
};
