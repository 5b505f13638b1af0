/** Google's days are California's: that is where the quotas of a day begin anew. */
const ZONE = 'America/Los_Angeles';

const HOUR_MS = 3_600_000;

/** The first midnight in Los Angeles after a time, also around the days of 23 and 25 hours. */
export type NewDay = (now: number) => number;

/** Remembers the day that it was asked for last: the calendar takes a third of a millisecond. */
export const createNewDay = (): NewDay => {
  let wallClock: Intl.DateTimeFormat | undefined;
  let asked = Infinity;
  let next = -Infinity;

  const find = (now: number): number => {
    wallClock ??= new Intl.DateTimeFormat('en-US', {
      timeZone: ZONE,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric' },
    });
    const { year = 0, month = 0, day = 0 } = read(wallClock, now);
    // Midnight there is 7 or 8 hours later than here; Date.UTC knows how long a month is.
    const inSummer = Date.UTC(year, month - 1, day + 1, 7);
    return read(wallClock, inSummer)['hour'] === 0 ? inSummer : inSummer + HOUR_MS;
  };

  return (now) => {
    if (now >= asked && now < next) return next;
    next = find(now);
    asked = now;
    return next;
  };
};

const read = (wallClock: Intl.DateTimeFormat, time: number): Readonly<Record<string, number>> =>
  Object.fromEntries(wallClock.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
