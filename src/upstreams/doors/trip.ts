/** One call's way past the doors: which is asked next, and what is learnt of each. */
import { toRelayError } from '../../errors.ts';
import type { CallRecord, Visit } from '../../gemini/call.ts';
import { troubleWith } from '../../reasons.ts';
import { troubleOf } from '../causes.ts';
import type { Trouble } from '../causes.ts';
import { WHOLE } from '../cooldown/cooldown.ts';
import type { Cooldown, Ticket } from '../cooldown/cooldown.ts';
import type { DoorKind } from '../decision.ts';
import { logClosed } from './closed-log.ts';
import type { Among, House } from './house.ts';
import { isBetterElsewhere, isOfTheAccount } from './lacking.ts';
import type { Lacking } from './lacking.ts';
import type { Place } from './place.ts';

export interface TripNeeds {
  readonly house: House;
  readonly cooldown: Cooldown;
  readonly lacking: Lacking;
  /** Told of each call that leaves a door for another. */
  readonly failedOver?: ((door: string, cause: string) => void) | undefined;
  readonly log: { info(message: string, fields?: object): void; warn(message: string, fields?: object): void };
}

/** So many doors are asked for one call. */
const MOST_DOORS = 4;

export class Trip implements Visit {
  door: Place;
  retries = 0;
  waitedMs = 0;
  readonly model: string;
  /** Doors that may be asked at all. */
  readonly among: Among;
  readonly #conversation: number;
  readonly #record: CallRecord;
  readonly #needs: TripNeeds;
  /** Doors that were asked before. */
  #left: readonly Place[] = NO_PLACES;
  /** Kinds of doors that do not have the model. */
  #lackingKinds: readonly DoorKind[] = NO_KINDS;
  #ticket: Ticket;
  /** It is asked though it is closed, for want of another. */
  readonly #closed: Place | undefined;
  /** Who can count for a model may not answer yet, and the reverse: of the model nothing is learnt. */
  readonly #isCount: boolean;

  constructor(
    first: Place,
    model: string,
    conversation: number,
    among: Among,
    record: CallRecord,
    needs: TripNeeds,
    isClosed: boolean,
    isCount: boolean,
  ) {
    this.door = first;
    this.model = model;
    this.among = among;
    this.#conversation = conversation;
    this.#record = record;
    this.#needs = needs;
    this.#isCount = isCount;
    this.#ticket = this.#enter(first);
    if (isClosed) this.#closed = first;
  }

  get asked(): readonly Place[] {
    return [...this.#left, this.door];
  }

  arrived(): void {
    this.door.hasAnswered = true;
    this.#needs.cooldown.succeeded(this.door.id, this.#isCount ? WHOLE : this.model, this.#ticket);
  }

  isWorthAnotherTry(error: unknown): boolean {
    const trouble = troubleOf(error);
    // What the model makes of a request says nothing of the door.
    if (!trouble) return true;
    const isQuota = troubleWith(trouble.cause).isQuota === true;
    if ((isQuota || trouble.cause === 'capacity' || trouble.scope === 'key') && this.#other()) return false;
    if (!isQuota) return this.isStillOpen();
    // The others need not find out for themselves; here it is waited for.
    this.#note(trouble, error);
    return true;
  }

  isStillOpen(): boolean {
    const { cooldown } = this.#needs;
    if (!cooldown.isOpen(this.door.id, this.model)) return false;
    this.#ticket = cooldown.ask(this.door.id, this.model, !this.#isCount);
    return true;
  }

  /** Whether another door may do better; what the failure says of this one is remembered. */
  goesOn(failure: unknown): boolean {
    this.door.errors += 1;
    this.door.hasAnswered = false;
    const trouble = troubleOf(failure);
    if (trouble) this.#note(trouble, failure);
    else if (!isBetterElsewhere(failure)) return false;
    else if (isOfTheAccount(failure)) this.#needs.lacking.note(this.door.id, this.model);
    // The model is not to be had there: with another key it is not either.
    else this.#lackingKinds = [...this.#lackingKinds, this.door.kind];
    return true;
  }

  takeNext(failure: unknown): boolean {
    const { door } = this;
    const next = this.#left.length + 1 < MOST_DOORS ? this.#other() : undefined;
    if (!next) return false;
    this.#needs.log.info('another door is asked', { door: door.id, next: next.id, model: this.model });
    this.#needs.failedOver?.(door.id, troubleOf(failure)?.cause ?? toRelayError(failure).reason ?? 'unknown');
    this.#record.failovers = (this.#record.failovers ?? 0) + 1;
    this.#left = [...this.#left, door];
    this.door = next;
    this.#ticket = this.#enter(next);
    return true;
  }

  /** It is known not to have the model. */
  lacks({ id, kind }: Place): boolean {
    return this.#lackingKinds.includes(kind) || this.#needs.lacking.has(id, this.model);
  }

  #enter(place: Place): Ticket {
    place.requests += 1;
    this.#record.door = place.id;
    this.#record.account = place.account;
    return this.#needs.cooldown.ask(place.id, this.model, !this.#isCount);
  }

  #other(): Place | undefined {
    return this.#needs.house.pick(
      this.model,
      this.#conversation,
      this.among,
      (place) => place === this.door || this.#left.includes(place) || this.lacks(place),
    );
  }

  #note(trouble: Trouble, failure: unknown): void {
    const { cooldown, log } = this.#needs;
    if (this.#isCount && trouble.scope === 'model') return;
    // That it fails once more is no news, and puts off its opening no further.
    if (this.door === this.#closed && trouble.scope !== 'key' && troubleWith(trouble.cause).isQuota !== true) return;
    const isNews = cooldown.failed(this.door.id, this.model, trouble, this.#ticket);
    if (isNews) logClosed(log, this.door.id, this.model, trouble, failure);
  }
}

const NO_PLACES: readonly Place[] = [];
const NO_KINDS: readonly DoorKind[] = [];
