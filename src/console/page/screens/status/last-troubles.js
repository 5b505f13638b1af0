import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { useResource } from '../../lib/resource.js';
import { linkTo } from '../../lib/route.js';
import { Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import { RequestState, whatHappened } from '../requests/state.js';

const EVERY_MS = 15_000;

/** The last requests that went wrong, each in a sentence. */
export const LastTroubles = () => {
  const language = useLanguage();
  const { t } = language;
  const { value } = useResource('requests?limit=6&status=error', { everyMs: EVERY_MS });
  const rows = value?.rows ?? [];
  if (rows.length === 0) return null;
  const actions = html`<a href=${linkTo('requests', { status: 'error' })}>${t('troubles.all')}</a>`;
  return html`<${Panel} title=${t('troubles.title')} actions=${actions} flush>
    <ul class="list">
      ${rows.map(
        (/** @type {any} */ row) =>
          html`<li key=${row.id} class="trouble">
            <${RequestState} row=${row} />
            <span>${whatHappened(row, language)}</span>
            <span class="quiet trouble-who"><span class="mono">${row.model ?? '–'}</span> · ${row.key}</span>
            <span class="quiet trouble-when"><${Time} at=${row.time} /></span>
          </li>`,
      )}
    </ul>
  <//>`;
};
