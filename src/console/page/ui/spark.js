import { html } from '../lib/html.js';

/** A row of small bars: the shape of a day, without its numbers. @param {{ values: readonly number[], label: string }} props */
export const Spark = ({ values, label }) => {
  const most = Math.max(1, ...values);
  return html`<svg
    class="spark"
    viewBox=${`0 0 ${values.length * 4} 20`}
    preserveAspectRatio="none"
    role="img"
    aria-label=${label}
  >
    ${values.map((value, index) => {
      const height = value === 0 ? 1 : Math.max(2, (value / most) * 20);
      return html`<rect
        key=${index}
        class=${value === 0 ? 'spark-none' : ''}
        x=${index * 4}
        y=${20 - height}
        width="3"
        height=${height}
      />`;
    })}
  </svg>`;
};
