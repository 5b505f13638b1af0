const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const SPANS = /** @type {const} */ ([
  { id: 'day', days: 1 },
  { id: 'week', days: 7 },
  { id: 'month', days: 30 },
  { id: 'year', days: 365 },
]);

/** The first of so many days, of which today is the last. Days are UTC's, as the relay counts. @param {{ days: number }} span @param {number} now */
export const startOf = ({ days }, now) => (Math.floor(now / DAY_MS) + 1 - days) * DAY_MS;

/** Every step from the first to now, so that an hour without requests has its place. @param {'day' | 'hour'} group @param {number} from @param {number} now */
export const stepsOf = (group, from, now) => {
  const step = group === 'hour' ? HOUR_MS : DAY_MS;
  const first = Math.floor(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((now - first) / step) + 1) }, (_, index) => first + index * step);
};
