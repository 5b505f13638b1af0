/** Numbers and times for people, in their language. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Each unit, and from how many on the next one tells it. @type {readonly (readonly [number, Intl.RelativeTimeFormatUnit, number])[]} */
const STEPS = [
  [SECOND, 'second', 60],
  [MINUTE, 'minute', 60],
  [HOUR, 'hour', 24],
  [DAY, 'day', Infinity],
];

/** @type {Map<string, any>} */
const made = new Map();

/** Making a formatter costs a thousand times what using it does. @template T @param {string} key @param {() => T} make @returns {T} */
const once = (key, make) => {
  const found = made.get(key);
  if (found) return found;
  const fresh = make();
  made.set(key, fresh);
  return fresh;
};

/**
 * `3m ago`, `in 2h`. What is past counts whole units; what is ahead is rounded, so that "in 30 days" is not told as 29
 * as soon as it was chosen.
 *
 * @param {number} time @param {number} now @param {string} tag
 */
export const relativeTime = (time, now, tag) => {
  const format = once(`relative ${tag}`, () => new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style: 'narrow' }));
  const away = time - now;
  const whole = away > 0 ? nearest : Math.trunc;
  if (Math.abs(whole(away / SECOND)) < 5) return format.format(0, 'second');
  const [size, unit] = STEPS.find(([one, , most]) => Math.abs(whole(away / one)) < most) ?? [DAY, 'day'];
  return format.format(whole(away / size), unit);
};

/** Of two that are as near, the sooner. @param {number} count */
const nearest = (count) => Math.ceil(count - 0.5);

/** To the second, in the reader's own zone. @param {number} time @param {string} tag */
export const exactTime = (time, tag) =>
  once(`exact ${tag}`, () => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'long' })).format(time);

/** The hour that begins, in the reader's own zone, which it names: over a change of the clocks that is another. @param {number} time @param {string} tag */
export const hourTime = (time, tag) =>
  once(
    `hour ${tag}`,
    () =>
      new Intl.DateTimeFormat(tag, {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
        timeZoneName: 'short',
      }),
  ).format(time);

/** To the second, and of another day than today to the minute. @param {number} time @param {number} now @param {string} tag */
export const momentOf = (time, now, tag) =>
  new Date(time).toDateString() === new Date(now).toDateString()
    ? clockTime(time, tag)
    : once(
        `day ${tag}`,
        () =>
          new Intl.DateTimeFormat(tag, {
            month: 'short',
            day: 'numeric',
            hour: '2-digit',
            minute: '2-digit',
            hourCycle: 'h23',
          }),
      ).format(time);

/** @param {number} time @param {string} tag */
const clockTime = (time, tag) =>
  once(`clock ${tag}`, () => new Intl.DateTimeFormat(tag, { timeStyle: 'medium', hourCycle: 'h23' })).format(time);

/** @param {number} value @param {string} tag */
export const wholeNumber = (value, tag) => once(`whole ${tag}`, () => new Intl.NumberFormat(tag)).format(value);

/** `12.4K`; in full where it is short. @param {number} value @param {string} tag */
export const shortNumber = (value, tag) =>
  value < 10_000
    ? wholeNumber(value, tag)
    : once(
        `short ${tag}`,
        () => new Intl.NumberFormat(tag, { notation: 'compact', maximumSignificantDigits: 3 }),
      ).format(value);

/** Small sums keep the digits that make them more than nothing. @param {number | null | undefined} value @param {string} tag */
export const money = (value, tag) => {
  if (value === null || value === undefined) return '–';
  const digits = value === 0 || value >= 1 ? 2 : value >= 0.01 ? 3 : 4;
  return once(
    `money ${tag} ${digits}`,
    () =>
      new Intl.NumberFormat(tag, {
        style: 'currency',
        currency: 'USD',
        currencyDisplay: 'narrowSymbol',
        minimumFractionDigits: 2,
        maximumFractionDigits: digits,
      }),
  ).format(value);
};

/**
 * A sum that does not hold everything has a plus.
 *
 * @param {{ cost_usd: number | null, unpriced?: number } | undefined} sum @param {string} tag
 */
export const costOf = (sum, tag) =>
  `${money(sum?.cost_usd, tag)}${typeof sum?.cost_usd === 'number' && (sum.unpriced ?? 0) > 0 ? '+' : ''}`;

/** @param {number} share @param {string} tag */
export const percent = (share, tag) =>
  once(`percent ${tag}`, () => new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 })).format(
    share,
  );

/** Rounded first: what is then a whole of the next unit is told in that one. @param {number | null | undefined} ms */
export const duration = (ms) => {
  if (ms === null || ms === undefined) return '–';
  if (Math.round(ms) < SECOND) return `${Math.round(ms)} ms`;
  const hundredths = Math.round(ms / 10);
  if (hundredths < 1000) return `${(hundredths / 100).toFixed(2)} s`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / SECOND);
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} m ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
};

/** `4 d 3 h`: the two largest. @param {number} seconds */
export const longDuration = (seconds) => {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count !== 0);
  return parts
    .slice(first === -1 ? 3 : first)
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
};
