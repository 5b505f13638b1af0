import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { stepsOf } from './spans.js';
import { DAY, DISTANCES, HOUR, ticksBetween } from './ticks.js';

const HEIGHT = 240;
/** How far apart whole numbers beside a chart may be. */
const COUNTS = Array.from({ length: 16 }, (_, zeros) => [1, 2, 5].map((first) => first * 10 ** zeros)).flat();

/**
 * A course over days or hours. For the eye: the table below it says the same in numbers.
 *
 * @param {{ rows: readonly any[], metric: import('./metrics.js').Metric, group: 'day' | 'hour', from: number }} props
 */
export const UsageChart = ({ rows, metric, group, from }) => {
  const { t, tag } = useLanguage();
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const chart = useRef(/** @type {uPlot | undefined} */ (undefined));
  const [look, setLook] = useState(0);
  const [at, setAt] = useState(/** @type {number | null} */ (null));
  const { times, values } = useMemo(() => valuesOf(rows, metric, group, from), [rows, metric, group, from]);

  useEffect(() => {
    const redraw = () => {
      setLook((before) => before + 1);
    };
    const query = matchMedia('(prefers-color-scheme: dark)');
    query.addEventListener('change', redraw);
    addEventListener('themechange', redraw);
    return () => {
      query.removeEventListener('change', redraw);
      removeEventListener('themechange', redraw);
    };
  }, []);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const options = optionsOf({
      metric,
      tag,
      group,
      width: element.clientWidth,
      colorOf: colorsOf(element),
      onPoint: setAt,
    });
    const drawn = new uPlot(options, dataOf(times, values, metric.stacked), element);
    chart.current = drawn;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth !== drawn.width) drawn.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      chart.current = undefined;
    };
    // New numbers go into the chart that is there.
  }, [metric, group, tag, look]);

  useEffect(() => {
    chart.current?.setData(dataOf(times, values, metric.stacked));
  }, [times, values, metric]);

  const shown = at ?? times.length - 1;
  const moment = times[shown];
  return html`<div class="chart">
    <div class="chart-legend" aria-hidden="true">
      <span class="quiet">${moment === undefined ? '' : labelOf(moment, group, tag)}</span>
      ${metric.series.map(({ word, color }, index) => {
        const value = values[index]?.[shown];
        return html`<span key=${word} class="chart-series">
          <span class=${`chart-mark chart-mark${color.slice(1)}`} />${t(word)}
          <strong>${value === null || value === undefined ? '–' : metric.show(value, tag)}</strong>
        </span>`;
      })}
    </div>
    <div
      class="chart-box"
      ref=${box}
      role="img"
      aria-label=${t('usage.chart.label', { metric: t(`metric.${metric.id}`) })}
    />
  </div>`;
};

/** @param {readonly any[]} rows @param {import('./metrics.js').Metric} metric @param {'day' | 'hour'} group @param {number} from */
const valuesOf = (rows, metric, group, from) => {
  const byTime = new Map(rows.map((row) => [Date.parse(row.group), row]));
  const first = Math.min(from, ...byTime.keys());
  const times = stepsOf(group, Math.max(first, from), Date.now());
  return {
    times,
    values: metric.series.map(({ of }) =>
      times.map((time) => {
        const row = byTime.get(time);
        return row ? of(row) : metric.stacked ? 0 : null;
      }),
    ),
  };
};

/** Stacked, each series is the sum of itself and those before it; the highest is drawn first. @param {number[]} times @param {(number | null)[][]} values @param {boolean} stacked @returns {uPlot.AlignedData} */
const dataOf = (times, values, stacked) => {
  const x = times.map((time) => time / 1000);
  if (!stacked) return [x, ...values];
  /** @type {number[][]} */
  const sums = [];
  for (const series of values) {
    const below = sums.at(-1);
    sums.push(series.map((value, index) => (value ?? 0) + (below?.[index] ?? 0)));
  }
  return [x, ...sums.reverse()];
};

/** @param {Element} element */
const colorsOf = (element) => {
  const probe = document.createElement('span');
  element.append(probe);
  return (/** @type {string} */ name) => {
    probe.style.color = `var(${name})`;
    const color = getComputedStyle(probe).color;
    return color;
  };
};

/** With its zone: a day is one of UTC, an hour is told in the reader's own. @param {number} time @param {'day' | 'hour'} group @param {string} tag */
const labelOf = (time, group, tag) =>
  new Intl.DateTimeFormat(tag, {
    month: 'short',
    day: 'numeric',
    timeZoneName: 'short',
    ...(group === 'hour'
      ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
      : { weekday: 'short', timeZone: 'UTC' }),
  }).format(time);

/**
 * @param {{ metric: import('./metrics.js').Metric, tag: string, group: 'day' | 'hour', width: number,
 *   colorOf: (name: string) => string, onPoint: (at: number | null) => void }} needs
 * @returns {uPlot.Options}
 */
const optionsOf = ({ metric, tag, group, width, colorOf, onPoint }) => {
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const quiet = colorOf('--quiet');
  const grid = { stroke: colorOf('--line'), width: 1 };
  const axis = { stroke: quiet, font, grid, ticks: { show: false } };
  const step = group === 'hour' ? HOUR : DAY;
  const bars = uPlot.paths.bars?.({ size: [0.72, 40], radius: 0.12 });
  const series = metric.series.map(({ color }) =>
    metric.stacked
      ? { fill: colorOf(color), width: 0, points: { show: false }, paths: bars }
      : { stroke: colorOf(color), width: 1.6, spanGaps: true, points: { show: true, size: 5, fill: colorOf(color) } },
  );
  return {
    width,
    height: HEIGHT,
    // Room at the right for half a label.
    padding: [10, 22, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: !metric.stacked }, drag: { x: false, y: false } },
    hooks: {
      setCursor: [
        (chart) => {
          onPoint(chart.cursor.idx ?? null);
        },
      ],
    },
    // Half a step at each side, so that the first bar and the last are whole. From the times themselves: around a single
    // one uPlot's own bounds are years apart.
    scales: {
      x: { range: ({ data: [times] }) => [(times[0] ?? 0) - step / 2, (times.at(-1) ?? 0) + step / 2] },
      y: { range: (_chart, _low, high) => [0, high > 0 ? high * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        space: 64,
        incrs: DISTANCES.filter((distance) => distance >= step),
        splits: (_chart, _axis, low, high, distance) => ticksBetween(low, high, distance, group === 'day'),
        values: (_chart, splits, _axis, _space, distance) =>
          splits.map((at) => tickOf(at * 1000, group, tag, distance)),
      },
      {
        ...axis,
        size: 56,
        ...(metric.isWhole && { incrs: COUNTS }),
        values: (_chart, splits) => splits.map((value) => metric.show(value, tag)),
      },
    ],
    series: [{}, ...(metric.stacked ? series.reverse() : series)],
  };
};

/** Among hours, midnight tells which day begins. @param {number} time @param {'day' | 'hour'} group @param {string} tag @param {number} distance */
const tickOf = (time, group, tag, distance) => {
  const isDay = distance >= DAY || new Date(time).getHours() === 0;
  return new Intl.DateTimeFormat(tag, {
    ...(isDay ? { month: 'short', day: 'numeric' } : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    ...(group === 'day' && { timeZone: 'UTC' }),
  }).format(time);
};
