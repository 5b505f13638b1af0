/** Where labels stand below a chart. A chart's own way loses an hour, and with it the day, where clocks were changed. */

// As the chart counts: in seconds.
export const HOUR = 3600;
export const DAY = 24 * HOUR;
const MONTH = 30 * DAY;

/** How far apart they may be: below bars of an hour or a day, no shorter time has a label. */
export const DISTANCES = [
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR),
  ...[1, 2, 3, 4, 5, 7, 10, 15].map((days) => days * DAY),
  ...[1, 2, 3, 4, 6, 12].map((months) => months * MONTH),
];

/** Full hours, days and months of the reader's own zone. */
const ofReader = {
  /** @param {Date} date */
  partsOf: (date) => /** @type {const} */ ([date.getFullYear(), date.getMonth(), date.getDate()]),
  /** @param {number} year @param {number} month @param {number} day @param {number} hour */
  at: (year, month, day, hour) => new Date(year, month, day, hour).getTime(),
};

/** The same of UTC. */
const ofUtc = {
  /** @param {Date} date */
  partsOf: (date) => /** @type {const} */ ([date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]),
  at: Date.UTC,
};

/**
 * @param {number} low @param {number} high Both in seconds, as what is returned.
 * @param {number} distance One of DISTANCES.
 * @param {boolean} isUtc Whether days are those of UTC, or of the reader.
 * @returns {number[]}
 */
export const ticksBetween = (low, high, distance, isUtc) => {
  const { partsOf, at } = isUtc ? ofUtc : ofReader;
  const [year, month, day] = partsOf(new Date(low * 1000));
  /** @type {number[]} */
  const found = [];
  for (let count = 0; ; count += 1) {
    const time =
      (distance >= MONTH
        ? at(year, month + count * (distance / MONTH), 1, 0)
        : distance >= DAY
          ? at(year, month, day + count * (distance / DAY), 0)
          : at(year, month, day, count * (distance / HOUR))) / 1000;
    if (time > high) return found;
    // An hour that a change of the clocks leaves out is the next one.
    if (time >= low && time !== found.at(-1)) found.push(time);
  }
};
