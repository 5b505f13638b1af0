/**
 * Several doors as one upstream: the door that is meant for a conversation, and where that one fails before the first
 * byte of its answer, another one at once. After the first byte nothing is begun anew: nothing comes twice.
 */
import { doorNotAllowed, mayEnter } from '../../callers/doors.ts';
import { toRelayError } from '../../errors.ts';
import type { Call, CallRecord, EmbedCall, ModelInfo, Upstream, Visit } from '../../gemini/call.ts';
import { rowOf } from '../../gemini/call-row.ts';
import { conversationOf } from '../../gemini/conversation.ts';
import type { Catalogue } from '../../gemini/catalogue.ts';
import type { GenerateContentRequest } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';
import { troubleWith } from '../../reasons.ts';
import { troubleOf } from '../causes.ts';
import type { Trouble } from '../causes.ts';
import type { Cooldown, Ticket } from '../cooldown/cooldown.ts';
import type { DoorKind } from '../decision.ts';
import { goneDoor } from './all-closed.ts';
import { logClosed } from './closed-log.ts';
import { isAmong } from './house.ts';
import type { Among, House } from './house.ts';
import { createLacking, isBetterElsewhere, isOfTheAccount } from './lacking.ts';
import type { Lacking } from './lacking.ts';
import { soonest } from './last-resort.ts';
import { isFurnished } from './place.ts';
import type { Place } from './place.ts';
import { createRefusal } from './refusal.ts';

export interface FailoverNeeds {
  readonly house: House;
  readonly cooldown: Cooldown;
  readonly catalogue: Pick<Catalogue, 'resolve'>;
  readonly now: () => number;
  /** Told of each call that leaves a door for another. */
  readonly failedOver?: ((door: string, cause: string) => void) | undefined;
  readonly log: { info(message: string, fields?: object): void; warn(message: string, fields?: object): void };
}

/** So many doors are asked for one call. */
const MOST_DOORS = 4;

export const createFailover = (needs: FailoverNeeds): Upstream => {
  const { house, catalogue, cooldown, now } = needs;
  const refuse = createRefusal(needs);
  const lacking = createLacking(needs);

  /** All that may have the model, open or not. */
  const candidates = (model: string, among: Among): readonly Place[] =>
    Array.from(house.places()).filter((place) => isAmong(place, among) && !lacking.has(place.id, model));

  const pick = (model: string, conversation: number, among: Among): Place | undefined => {
    if (lacking.isEmpty()) return house.pick(model, conversation, among);
    const lacks = (place: Place): boolean => lacking.has(place.id, model);
    const found = house.pick(model, conversation, among, lacks);
    if (found || candidates(model, among).length > 0) return found;
    // Nobody has it: Google says so once more.
    return house.pick(model, conversation, among);
  };

  const depart = (asked: Call | EmbedCall, request: Pick<GenerateContentRequest, 'contents'>): Trip => {
    const model = rowOf(asked, catalogue).id;
    // Only among keys it matters whose turn it is.
    const conversation = house.hasSeveralKeys()
      ? conversationOf(asked.origin.session, asked.origin.caller.id, request)
      : 0;
    const among = doorsFor(asked, house);
    const open = pick(model, conversation, among);
    const first = open ?? soonest(candidates(model, among), model, cooldown, now());
    if (!first) {
      throw noneOf(asked, among, house) ?? refuse(model, among, (place) => lacking.has(place.id, model));
    }
    return new Trip(first, model, conversation, among, asked.record, lacking, needs, open === undefined);
  };

  /** What follows the failure of a first door. */
  const goOn = async <Result>(
    trip: Trip,
    first: unknown,
    signal: AbortSignal,
    ask: () => Promise<Result>,
  ): Promise<Result> => {
    for (let failure = first; ;) {
      if (signal.aborted || !trip.goesOn(failure)) throw failure;
      if (!trip.takeNext(failure))
        throw refuse(trip.model, trip.among, (place) => trip.lacks(place), trip.asked, failure);
      try {
        const result = await ask();
        trip.arrived();
        return result;
      } catch (thrown) {
        failure = thrown;
      }
    }
  };

  const bring = async <Asked extends Call | EmbedCall, Result>(
    asked: Asked,
    request: Pick<GenerateContentRequest, 'contents'>,
    signal: AbortSignal,
    ask: (upstream: Upstream, call: Asked, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    const trip = depart(asked, request);
    const call = { ...asked, visit: trip };
    try {
      const result = await ask(trip.door.upstream, call, signal);
      trip.arrived();
      return result;
    } catch (failure) {
      return goOn(trip, failure, signal, () => ask(trip.door.upstream, call, signal));
    }
  };

  return {
    generate: (call, signal) => bring(call, call.request, signal, generate),
    countTokens: (call, signal) => bring(call, call.request, signal, countTokens),
    embed: (call, signal) => bring(call, wordsOf(call), signal, embed),
    models: (signal) => allModels(house, signal),
  };
};

const generate = (upstream: Upstream, call: Call, signal: AbortSignal): ReturnType<Upstream['generate']> =>
  upstream.generate(call, signal);
const countTokens = (upstream: Upstream, call: Call, signal: AbortSignal): ReturnType<Upstream['countTokens']> =>
  upstream.countTokens(call, signal);
const embed = (upstream: Upstream, call: EmbedCall, signal: AbortSignal): ReturnType<Upstream['embed']> =>
  upstream.embed(call, signal);

/** What is to be embedded is as good as the words of a user. */
const wordsOf = ({ requests: [first] }: EmbedCall): Pick<GenerateContentRequest, 'contents'> =>
  first && isObject(first['content']) ? { contents: [first['content']] } : {};

/** Those that the caller's key may take; of them the one that has what the request names. */
const doorsFor = ({ origin: { caller }, boundTo }: Call | EmbedCall, house: House): Among => {
  if (boundTo === undefined) return caller.doors;
  const place = house.find(boundTo);
  return place && mayEnter(caller, place.id, place.kind) ? [boundTo] : NONE;
};

const NONE: readonly string[] = [];

/** Where no time will help: there is no such door. */
const noneOf = ({ origin: { caller }, boundTo }: Call | EmbedCall, among: Among, house: House): unknown => {
  if ([...house.places()].some((place) => isAmong(place, among))) return undefined;
  return boundTo === undefined || house.find(boundTo) ? doorNotAllowed(caller) : goneDoor(boundTo);
};

/** One call's way past the doors. */
class Trip implements Visit {
  door: Place;
  retries = 0;
  readonly model: string;
  /** Doors that may be asked at all. */
  readonly among: Among;
  readonly #conversation: number;
  readonly #record: CallRecord;
  readonly #needs: FailoverNeeds;
  /** Doors that were asked before. */
  #left: readonly Place[] = NO_PLACES;
  readonly #lacking: Lacking;
  /** Kinds of doors that do not have the model. */
  #lackingKinds: readonly DoorKind[] = NO_KINDS;
  #ticket: Ticket;
  /** It is asked though it is closed, for want of another. */
  readonly #closed: Place | undefined;

  constructor(
    first: Place,
    model: string,
    conversation: number,
    among: Among,
    record: CallRecord,
    lacking: Lacking,
    needs: FailoverNeeds,
    isClosed: boolean,
  ) {
    this.door = first;
    this.model = model;
    this.among = among;
    this.#conversation = conversation;
    this.#record = record;
    this.#lacking = lacking;
    this.#needs = needs;
    this.#ticket = this.#enter(first);
    if (isClosed) this.#closed = first;
  }

  get asked(): readonly Place[] {
    return [...this.#left, this.door];
  }

  arrived(): void {
    this.door.hasAnswered = true;
    this.#needs.cooldown.succeeded(this.door.id, this.model, this.#ticket);
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
    this.#ticket = cooldown.ask(this.door.id, this.model);
    return true;
  }

  /** Whether another door may do better; what the failure says of this one is remembered. */
  goesOn(failure: unknown): boolean {
    this.door.errors += 1;
    this.door.hasAnswered = false;
    const trouble = troubleOf(failure);
    if (trouble) this.#note(trouble, failure);
    else if (!isBetterElsewhere(failure)) return false;
    else if (isOfTheAccount(failure)) this.#lacking.note(this.door.id, this.model);
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
    return this.#lackingKinds.includes(kind) || this.#lacking.has(id, this.model);
  }

  #enter(place: Place): Ticket {
    place.requests += 1;
    this.#record.door = place.id;
    this.#record.account = place.account;
    return this.#needs.cooldown.ask(place.id, this.model);
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
    // That it fails once more is no news, and puts off its opening no further.
    if (this.door === this.#closed && trouble.scope !== 'key' && troubleWith(trouble.cause).isQuota !== true) return;
    const isNews = cooldown.failed(this.door.id, this.model, trouble, this.#ticket);
    if (isNews) logClosed(log, this.door.id, this.model, trouble, failure);
  }
}

const NO_PLACES: readonly Place[] = [];
const NO_KINDS: readonly DoorKind[] = [];

/** Of each kind what its first open door says; one that fails takes nothing from the others. */
const allModels = async (house: House, signal: AbortSignal): Promise<readonly ModelInfo[]> => {
  const kinds = new Map<string, Place>();
  for (const place of house.places()) if (isFurnished(place) && !kinds.has(place.kind)) kinds.set(place.kind, place);
  const lists = await Promise.allSettled(Array.from(kinds.values(), ({ upstream }) => upstream.models(signal)));
  const models = new Map<string, ModelInfo>();
  for (const list of lists) {
    if (list.status === 'fulfilled')
      for (const model of list.value) models.set(model.name, models.get(model.name) ?? model);
  }
  const [failure] = lists.flatMap((list) => (list.status === 'rejected' ? [list.reason as unknown] : []));
  if (models.size === 0 && failure !== undefined) throw toRelayError(failure);
  return [...models.values()];
};
