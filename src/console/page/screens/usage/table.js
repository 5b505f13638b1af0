import { costOf, duration, hourTime, wholeNumber } from '../../lib/format.js';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { Panel } from '../../ui/panel.js';

/** @type {readonly (readonly [import('../../lib/language.js').Word, string, (value: any, tag: string, sum: any) => string])[]} */
const COLUMNS = [
  ['metric.requests', 'requests', wholeNumber],
  ['series.errors', 'errors', wholeNumber],
  ['tokens.input', 'input_tokens', wholeNumber],
  ['tokens.cached', 'cached_tokens', wholeNumber],
  ['tokens.output', 'output_tokens', wholeNumber],
  ['tokens.thoughts', 'thought_tokens', wholeNumber],
  ['metric.cost', 'cost_usd', (_value, tag, sum) => costOf(sum, tag)],
  ['series.p50', 'p50_ms', duration],
  ['series.p95', 'p95_ms', duration],
  ['series.p50-first', 'p50_first_ms', duration],
];

const MOST = 400;

/** @param {{ rows: readonly any[], totals: any, group: import('../../lib/language.js').Word | string, isDim: boolean }} props */
export const UsageTable = ({ rows, totals, group, isDim }) => {
  const { t, tag, named } = useLanguage();
  const isTime = group === 'day' || group === 'hour';
  const shown = (isTime ? [...rows].reverse() : rows).slice(0, MOST);
  return html`<${Panel} flush>
    <div class=${`table-box${isDim ? ' dim' : ''}`} tabindex="0" role="region" aria-label=${t('usage.table')}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">${named('group-by', group)}</th>
            ${COLUMNS.map(([word, id]) => html`<th key=${id} scope="col" class="end">${t(word)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (row) =>
              html`<tr key=${row.group}>
                <td class="mono usage-of" title=${isTime ? undefined : (row.group ?? undefined)}>
                  ${group === 'hour' ? hourTime(Date.parse(row.group), tag) : (row.group ?? '–')}
                </td>
                ${COLUMNS.map(([, id, show]) => html`<td key=${id} class="end">${row[id] === null ? '–' : show(row[id], tag, row)}</td>`)}
              </tr>`,
          )}
          ${
            shown.length < rows.length &&
            html`<tr>
              <td class="quiet" colspan=${COLUMNS.length + 1}>
                ${t(isTime ? 'usage.newest' : 'usage.busiest', { shown: shown.length, count: rows.length })}
              </td>
            </tr>`
          }
        </tbody>
        <tfoot>
          <tr>
            <td>${t('usage.total')}</td>
            ${COLUMNS.map(([, id, show]) => html`<td key=${id} class="end">${totals[id] === null || totals[id] === undefined ? '–' : show(totals[id], tag, totals)}</td>`)}
          </tr>
        </tfoot>
      </table>
    </div>
  <//>`;
};
