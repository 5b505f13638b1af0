/**
 * Several doors as one upstream: the door that is meant for a conversation, and where that one fails before the first
 * byte of its answer, another one at once. After the first byte nothing is begun anew: nothing comes twice.
 */
import { doorNotAllowed, mayEnter } from '../../callers/doors.ts';
import { toRelayError } from '../../errors.ts';
import type { Answer, Call, EmbedCall, EmbedResponse, ModelInfo, Upstream } from '../../gemini/call.ts';
import { rowOf } from '../../gemini/call-row.ts';
import { conversationOf } from '../../gemini/conversation.ts';
import type { Catalogue } from '../../gemini/catalogue.ts';
import type { CountTokensResponse, GenerateContentRequest } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';
import type { Cooldown } from '../cooldown/cooldown.ts';
import { goneDoor } from './all-closed.ts';
import { isAmong } from './house.ts';
import type { Among, House } from './house.ts';
import { createLacking } from './lacking.ts';
import { soonest } from './last-resort.ts';
import { createLook } from './look.ts';
import { isFurnished } from './place.ts';
import type { Place } from './place.ts';
import { createRefusal } from './refusal.ts';
import { Trip } from './trip.ts';
import type { TripNeeds } from './trip.ts';

export interface FailoverNeeds extends Omit<TripNeeds, 'lacking'> {
  readonly catalogue: Pick<Catalogue, 'resolve'>;
  readonly now: () => number;
}

export const createFailover = (needs: FailoverNeeds): Upstream => {
  const { house, catalogue } = needs;
  const look = createLook(needs);
  const refuse = createRefusal({ ...needs, look });
  const lacking = createLacking(needs);
  const tripNeeds = { ...needs, lacking };

  /** It may have the model, open or not; and is still there. */
  const isCandidate =
    (model: string, among: Among) =>
    (place: Place): boolean =>
      isAmong(place, among) && !lacking.has(place.id, model) && house.find(place.id) === place;

  const pick = (model: string, conversation: number, among: Among): Place | undefined => {
    if (lacking.isEmpty()) return house.pick(model, conversation, among);
    const lacks = (place: Place): boolean => lacking.has(place.id, model);
    const found = house.pick(model, conversation, among, lacks);
    if (found || Array.from(house.places()).some(isCandidate(model, among))) return found;
    // Nobody has it: Google says so once more.
    return house.pick(model, conversation, among);
  };

  const depart = (
    asked: Call | EmbedCall,
    request: Pick<GenerateContentRequest, 'contents'>,
    isCount: boolean,
  ): Trip => {
    const model = rowOf(asked, catalogue).id;
    // Only among keys it matters whose turn it is.
    const conversation = house.hasSeveralKeys()
      ? conversationOf(asked.origin.session, asked.origin.caller.id, request)
      : 0;
    const among = doorsFor(asked, house);
    const open = pick(model, conversation, among);
    const first = open ?? soonest(look(model), isCandidate(model, among));
    if (!first) {
      throw noneOf(asked, among, house) ?? refuse(model, among, (place) => lacking.has(place.id, model));
    }
    return new Trip(first, model, conversation, among, asked.record, tripNeeds, open === undefined, isCount);
  };

  /** What follows the failure of a first door. */
  const goOn = async <Result>(
    trip: Trip,
    first: unknown,
    signal: AbortSignal,
    ask: () => Promise<Result>,
    isGuess?: (result: Result) => boolean,
  ): Promise<Result> => {
    for (let failure = first; ;) {
      if (signal.aborted || !trip.goesOn(failure)) throw failure;
      if (!trip.takeNext(failure))
        throw refuse(trip.model, trip.among, (place) => trip.lacks(place), trip.asked, failure);
      try {
        const result = await ask();
        if (isGuess?.(result) !== true) trip.arrived();
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
    question: Question<Asked, Result>,
  ): Promise<Result> => {
    const trip = depart(asked, request, question.isCount === true);
    const call = { ...asked, visit: trip };
    try {
      const result = await question.ask(trip.door.upstream, call, signal);
      if (question.isGuess?.(result) !== true) trip.arrived();
      return result;
    } catch (failure) {
      return goOn(trip, failure, signal, () => question.ask(trip.door.upstream, call, signal), question.isGuess);
    }
  };

  return {
    generate: (call, signal) => bring(call, call.request, signal, GENERATE),
    countTokens: (call, signal) => bring(call, call.request, signal, COUNT),
    embed: (call, signal) => bring(call, wordsOf(call), signal, EMBED),
    models: (signal, among) => allModels(house, among, needs.cooldown, signal),
  };
};

interface Question<Asked, Result> {
  readonly ask: (upstream: Upstream, call: Asked, signal: AbortSignal) => Promise<Result>;
  /** Who can count for a model may not answer yet, and the reverse: of the model nothing is learnt. */
  readonly isCount?: true;
  /** The result is none of Google's: nothing is learnt at all. */
  readonly isGuess?: (result: Result) => boolean;
}

const GENERATE: Question<Call, Answer> = { ask: (upstream, call, signal) => upstream.generate(call, signal) };
const COUNT: Question<Call, CountTokensResponse> = {
  ask: (upstream, call, signal) => upstream.countTokens(call, signal),
  isCount: true,
  isGuess: ({ estimated }) => estimated === true,
};
const EMBED: Question<EmbedCall, EmbedResponse> = { ask: (upstream, call, signal) => upstream.embed(call, signal) };

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

/** Of each kind what its first open door says; one that fails takes nothing from the others. */
const allModels = async (
  house: House,
  among: Among,
  cooldown: Pick<Cooldown, 'isOff'>,
  signal: AbortSignal,
): Promise<readonly ModelInfo[]> => {
  const kinds = new Map<string, Place>();
  for (const place of house.places()) {
    if (kinds.has(place.kind) || !isAmong(place, among)) continue;
    if (isFurnished(place) && !cooldown.isOff(place.id)) kinds.set(place.kind, place);
  }
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
