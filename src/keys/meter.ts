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
  /** Of it what the database does not know yet. */
  readonly unsaved: Sums;
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
    this.#here = undefined;
    return made;
  }

  /** Looked up once for all that is used in a second. */
  here(spans: Spans): Here {
    this.moveTo(spans);
    if (this.#here) return this.#here;
    const [day, month] = [this.span(spans.day), this.span(spans.month)];
    this.#here = { second: this.second(spans.second), day, month };
    return this.#here;
  }

  /** Used here: the database does not know of it yet. */
  add(count: Count, amount: Amount): void {
    add(count.unsaved, amount);
    this.#change(count, amount);
  }

  /** The database's word for a span: what it does not know comes on top. */
  learn(count: Count, saved: Sums): void {
    const { all, unsaved } = count;
    this.#change(count, {
      requests: saved.requests + unsaved.requests - all.requests,
      tokens: saved.tokens + unsaved.tokens - all.tokens,
      costNanos: saved.costNanos + unsaved.costNanos - all.costNanos,
    });
  }

  /** What is new of a minute counts in this second: it is over when the last of it is. */
  correct(spans: Spans, known: Readonly<Record<'minute' | 'day', Pick<Sums, Unit>>> & { readonly month: Sums }): void {
    const { second, day, month } = this.here(spans);
    const { requests, tokens } = known.minute;
    this.#change(second, {
      requests: requests - this.#minute.requests,
      tokens: tokens - this.#minute.tokens,
      costNanos: 0,
    });
    this.#change(day, {
      requests: known.day.requests - day.all.requests,
      tokens: known.day.tokens - day.all.tokens,
      costNanos: 0,
    });
    this.#change(month, {
      requests: known.month.requests - month.all.requests,
      tokens: known.month.tokens - month.all.tokens,
      costNanos: known.month.costNanos - month.all.costNanos,
    });
  }

  /** To be called before anything is asked: forgets the seconds that are over. */
  moveTo(spans: Spans): void {
    if (spans === this.#at) return;
    const { second } = spans;
    this.#at = spans;
    this.#now = second;
    this.#here = undefined;
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
        return this.#sumsOf('day').requests;
      case 'tokens_per_day':
        return this.#sumsOf('day').tokens;
      case 'requests_per_month':
        return this.#sumsOf('month').requests;
      case 'tokens_per_month':
        return this.#sumsOf('month').tokens;
      case 'cost_per_month':
        return this.#sumsOf('month').costNanos / NANOS_OF_A_DOLLAR;
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

  #sumsOf(span: 'day' | 'month'): Sums {
    const count = this.#here?.[span] ?? (this.#at && this.span(this.#at[span]));
    return count?.all ?? NOTHING;
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
    return { id: this.#id, span, second, all: nothing(), unsaved: nothing(), isNoted: false, isOver: false };
  }
}

export const nothing = (): Sums => ({ requests: 0, tokens: 0, costNanos: 0 });

const NOTHING: Readonly<Sums> = nothing();

const add = (sums: Sums, { requests, tokens, costNanos }: Amount): void => {
  sums.requests += requests;
  sums.tokens += tokens;
  sums.costNanos += costNanos;
};
