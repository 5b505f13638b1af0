import { duration, money, shortNumber } from '../../lib/format.js';

/**
 * What a chart can show. Series that are stacked add up to the whole.
 *
 * @typedef {object} Metric
 * @property {'requests' | 'tokens' | 'cost' | 'time'} id
 * @property {boolean} stacked
 * @property {boolean} [isWhole] There is no half of it.
 * @property {readonly { word: import('../../lib/language.js').Word, color: string, of: (row: any) => number | null }[]} series
 * @property {(value: number, tag: string) => string} show
 */

/** @type {readonly [Metric, Metric, Metric, Metric]} */
export const METRICS = [
  {
    id: 'requests',
    stacked: true,
    isWhole: true,
    series: [
      { word: 'series.fine', color: '--chart-1', of: (row) => row.requests - row.errors },
      { word: 'series.errors', color: '--chart-4', of: (row) => row.errors },
    ],
    show: shortNumber,
  },
  {
    id: 'tokens',
    stacked: true,
    isWhole: true,
    series: [
      { word: 'series.cached', color: '--chart-2', of: (row) => row.cached_tokens },
      { word: 'series.input', color: '--chart-1', of: (row) => row.input_tokens - row.cached_tokens },
      { word: 'series.output', color: '--chart-3', of: (row) => row.output_tokens },
    ],
    show: shortNumber,
  },
  {
    id: 'cost',
    stacked: true,
    series: [{ word: 'metric.cost', color: '--chart-1', of: (row) => row.cost_usd ?? 0 }],
    show: money,
  },
  {
    id: 'time',
    stacked: false,
    series: [
      { word: 'series.p50-first', color: '--chart-3', of: (row) => row.p50_first_ms },
      { word: 'series.p50', color: '--chart-1', of: (row) => row.p50_ms },
      { word: 'series.p95', color: '--chart-4', of: (row) => row.p95_ms },
    ],
    show: duration,
  },
];
