const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const SPANS = /** @type {const} */ ([
  { id: 'day', hours: 24 },
  { id: 'week', hours: 7 * 24 },
  { id: 'month', hours: 30 * 24 },
  { id: 'year', hours: 365 * 24 },
]);

/** Whole hours for a day, whole days (UTC, as the relay counts) for the rest. @param {{ hours: number }} span @param {number} now */
export const startOf = ({ hours }, now) => {
  const step = hours <= 24 ? HOUR_MS : DAY_MS;
  return (Math.floor(now / step) + 1) * step - hours * HOUR_MS;
};

/** Every step from the first to now, so that an hour without requests has its place. @param {'day' | 'hour'} group @param {number} from @param {number} now */
export const stepsOf = (group, from, now) => {
  const step = group === 'hour' ? HOUR_MS : DAY_MS;
  const first = Math.floor(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((now - first) / step) + 1) }, (_, index) => first + index * step);
};
