/** What one key has used: in each second of the last minute, in days, in months, and at this moment. */
import { LIMITS, setLimitsOf } from '../callers/limits.ts';
import type { LimitName, Limits, SetLimit } from '../callers/limits.ts';
import type { Amount } from './counters.ts';
import { NANOS_OF_A_DOLLAR } from './counters.ts';
import type { Span, Spans } from './spans.ts';

export interface Sums {
  requests: number;
  tokens: number;
  costNanos: number;
}

/** One span of one key. */
export interface Count {
  readonly id: string;
  readonly span: Span;
  /** Where the span is one. */
  readonly second: number | undefined;
  /** Here and elsewhere. */
  readonly all: Sums;
  /** Of it what the database knows, or is told by others. */
  readonly known: Sums;
  /** Somebody is to save it. */
  isNoted: boolean;
  /** A second that is no longer of the last minute. */
  isOver: boolean;
}

/** What is used now counts in these. */
export interface Here {
  readonly second: Count;
  readonly day: Count;
  readonly month: Count;
}

type Unit = 'requests' | 'tokens';

const MINUTE_SECONDS = 60;
const SECOND_MS = 1000;
/** Days and months are kept as well when the clock is put back over midnight. */
const SPANS_KEPT = 3;

export class Meter {
  readonly #id: string;
  readonly #seconds = new Map<number, Count>();
  readonly #spans = new Map<string, Count>();
  /** Of all seconds that are kept. */
  readonly #minute: Sums = nothing();
  #at: Spans | undefined;
  #now = NaN;
  #here: Here | undefined;
  /** Of the day and the month that were moved to. */
  #day: Sums = nothing();
  #month: Sums = nothing();
  /** The key's, which stay the same for many requests. */
  #limits: Limits | undefined;
  #set: readonly SetLimit[] = [];
  /** In which anything was used. */
  #last = -Infinity;
  /** Calls that are being answered. */
  active = 0;

  constructor(id: string) {
    this.#id = id;
  }

  second(second: number): Count {
    const known = this.#seconds.get(second);
    if (known) return known;
    const endsAt = (second + MINUTE_SECONDS) * SECOND_MS;
    const made = this.#create({ name: String(second), endsAt }, second);
    this.#seconds.set(second, made);
    return made;
  }

  span(span: Span): Count {
    const known = this.#spans.get(span.name);
    if (known) return known;
    const made = this.#create(span);
    this.#spans.set(span.name, made);
    const alike = [...this.#spans.keys()].filter(({ length }) => length === span.name.length).sort();
    for (const old of alike.slice(0, -SPANS_KEPT)) if (old !== span.name) this.#spans.delete(old);
    // One of those may be what was moved to.
    this.#at = undefined;
    return made;
  }

  /** Looked up once for all that is used in a second. */
  here(spans: Spans): Here {
    this.moveTo(spans);
    this.#here ??= {
      second: this.second(spans.second),
      day: this.span(spans.day),
      month: this.span(spans.month),
    };
    return this.#here;
  }

  /** Used here: the database does not know of it yet. */
  add({ second, day, month }: Here, amount: Amount): void {
    this.#change(second, amount);
    add(day.all, amount);
    add(month.all, amount);
  }

  /** The database's word for a span: what it does not know comes on top. */
  learn(count: Count, { requests, tokens, costNanos }: Sums): void {
    const { known } = count;
    this.#hear(count, {
      requests: requests - known.requests,
      tokens: tokens - known.tokens,
      costNanos: costNanos - known.costNanos,
    });
  }

  /** What is new of a minute counts in this second: it is over when the last of it is. */
  correct(spans: Spans, known: Readonly<Record<'minute' | 'day', Pick<Sums, Unit>>> & { readonly month: Sums }): void {
    const { second, day, month } = this.here(spans);
    const { requests, tokens } = known.minute;
    this.#hear(second, {
      requests: requests - this.#minute.requests,
      tokens: tokens - this.#minute.tokens,
      costNanos: 0,
    });
    this.#hear(day, {
      requests: known.day.requests - day.all.requests,
      tokens: known.day.tokens - day.all.tokens,
      costNanos: 0,
    });
    this.#hear(month, {
      requests: known.month.requests - month.all.requests,
      tokens: known.month.tokens - month.all.tokens,
      costNanos: known.month.costNanos - month.all.costNanos,
    });
  }

  /** To be called before anything is asked: forgets the seconds that are over. */
  moveTo(spans: Spans): void {
    if (spans === this.#at) return;
    const { second } = spans;
    this.#now = second;
    this.#here = undefined;
    this.#day = this.span(spans.day).all;
    this.#month = this.span(spans.month).all;
    this.#at = spans;
    for (const [old, count] of this.#seconds) {
      // Seconds to come are of a clock that was put back: they would block the key for as long.
      if (old > second - MINUTE_SECONDS && old <= second + MINUTE_SECONDS) continue;
      this.#seconds.delete(old);
      count.isOver = true;
      const { all } = count;
      add(this.#minute, { requests: -all.requests, tokens: -all.tokens, costNanos: -all.costNanos });
    }
  }

  /** Of what was moved to. */
  used(limit: LimitName): number {
    switch (limit) {
      case 'rpm':
        return this.#minute.requests;
      case 'tpm':
        return this.#minute.tokens;
      case 'concurrent':
        return this.active;
      case 'requests_per_day':
        return this.#day.requests;
      case 'tokens_per_day':
        return this.#day.tokens;
      case 'requests_per_month':
        return this.#month.requests;
      case 'tokens_per_month':
        return this.#month.tokens;
      case 'cost_per_month':
        return this.#month.costNanos / NANOS_OF_A_DOLLAR;
    }
  }

  /** When it is as if nothing had been used; undefined where that is not a matter of time. */
  resetsAt(limit: LimitName): number | undefined {
    const { span } = LIMITS[limit];
    if (span === 'now') return undefined;
    return span === 'minute' ? this.#minuteEnd() : this.#at?.[span].endsAt;
  }

  setOf(limits: Limits): readonly SetLimit[] {
    if (limits === this.#limits) return this.#set;
    this.#limits = limits;
    this.#set = setLimitsOf(limits);
    return this.#set;
  }

  /** When so much of the minute's is over that there is room for `needed`. */
  freeAt(counts: 'requests' | 'tokens', needed: number): number {
    let freed = 0;
    for (const { all, span } of this.#inOrder()) {
      freed += all[counts];
      if (freed >= needed) return span.endsAt;
    }
    return (this.#now + 1) * SECOND_MS;
  }

  /** What others have used. */
  #hear(count: Count, amount: Amount): void {
    add(count.known, amount);
    this.#change(count, amount);
  }

  #change(count: Count, amount: Amount): void {
    add(count.all, amount);
    const { second } = count;
    if (second === undefined || count.isOver) return;
    add(this.#minute, amount);
    if (second > this.#last) this.#last = second;
  }

  #minuteEnd(): number | undefined {
    const { requests, tokens } = this.#minute;
    return requests === 0 && tokens === 0 ? undefined : (this.#last + MINUTE_SECONDS) * SECOND_MS;
  }

  #inOrder(): readonly Count[] {
    return [...this.#seconds].sort(([one], [other]) => one - other).map(([, count]) => count);
  }

  #create(span: Span, second?: number): Count {
    return { id: this.#id, span, second, all: nothing(), known: nothing(), isNoted: false, isOver: false };
  }
}

const nothing = (): Sums => ({ requests: 0, tokens: 0, costNanos: 0 });

const add = (sums: Sums, { requests, tokens, costNanos }: Amount): void => {
  sums.requests += requests;
  sums.tokens += tokens;
  sums.costNanos += costNanos;
};
