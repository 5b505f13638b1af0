import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';

const MOST = 12;
const FULL = 400;

/** Who or what used most, as bars. @param {{ rows: readonly any[], metric: import('./metrics.js').Metric }} props */
export const Ranking = ({ rows, metric }) => {
  const { t, tag } = useLanguage();
  const measured = rows
    .map((row) => {
      const parts = metric.series.map(({ of }) => of(row) ?? 0);
      return { row, parts, whole: metric.stacked ? parts.reduce((sum, one) => sum + one, 0) : Math.max(...parts) };
    })
    .sort((one, other) => other.whole - one.whole)
    .slice(0, MOST);
  const most = Math.max(...measured.map(({ whole }) => whole), Number.MIN_VALUE);
  return html`<div class="chart">
    <div class="chart-legend" aria-hidden="true">
      ${metric.series.map(
        ({ word, color }) =>
          html`<span key=${word} class="chart-series"
            ><span class=${`chart-mark chart-mark${color.slice(1)}`} />${t(word)}</span
          >`,
      )}
    </div>
    <ul class="ranking">
      ${measured.map(({ row, parts, whole }) => {
        let x = 0;
        const bars = metric.stacked ? parts : [...parts].sort((one, other) => other - one);
        return html`<li key=${row.group}>
          <span class="ranking-name mono" title=${row.group}>${row.group ?? '–'}</span>
          <svg class="ranking-bar" viewBox=${`0 0 ${FULL} 14`} preserveAspectRatio="none" aria-hidden="true">
            ${bars.map((part, index) => {
              const width = (part / most) * FULL;
              const at = x;
              if (metric.stacked) x += width;
              const series = metric.stacked ? index : parts.indexOf(part);
              return html`<rect
                key=${index}
                class=${`fill${metric.series[series]?.color.slice(1)}`}
                x=${at}
                width=${width}
                height="14"
              />`;
            })}
          </svg>
          <span class="number">${metric.show(whole, tag)}</span>
        </li>`;
      })}
    </ul>
  </div>`;
};
