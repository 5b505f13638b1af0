/** Where in time something counts: this second, this day, this month, in UTC. */
export interface Spans {
  /** Since 1970. */
  readonly second: number;
  readonly day: Span;
  readonly month: Span;
}

export interface Span {
  /** `2026-11-28`, `2026-11`. */
  readonly name: string;
  readonly endsAt: number;
}

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const DAY_LENGTH = 10;
const MONTH_LENGTH = 7;

/** A day is looked up once for all requests in it; within a second the spans are one and the same object. */
export const createCalendar = (): ((now: number) => Spans) => {
  let number = NaN;
  let day: Span = { name: '', endsAt: 0 };
  let latest: Spans = { second: NaN, day, month: day };
  return (now) => {
    const second = Math.floor(now / SECOND_MS);
    if (second === latest.second) return latest;
    let { month } = latest;
    const today = Math.floor(now / DAY_MS);
    if (today !== number) {
      number = today;
      const date = new Date(now);
      const name = date.toISOString().slice(0, DAY_LENGTH);
      day = { name, endsAt: (today + 1) * DAY_MS };
      month = {
        name: name.slice(0, MONTH_LENGTH),
        endsAt: Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1),
      };
    }
    latest = { second, day, month };
    return latest;
  };
};
