/** What a request comes back to, fetched where another relay has it: all of it, and room for the call, in one question. */
import type { Context } from 'koa';
import { MEDIA_TOKENS, lengthOf, tokensOfLetters } from '../../../gemini/estimate.ts';
import type { SignatureLook } from '../../../gemini/shared-signatures.ts';
import { placeOf } from '../../../gemini/signatures.ts';
import { originOf, recordOf } from '../../../http/respond.ts';
import { isObject } from '../../../json.ts';
import type { FormatParts, Shared } from '../../format.ts';
import { referencesIn } from './history.ts';
import { remoteImageUrls } from './request.ts';
import type { ResponsesRequest } from './request.ts';
import type { SharedAnswers } from './shared-answers.ts';

export interface RecallNeeds {
  readonly shared: Shared;
  readonly answers: SharedAnswers;
  readonly catalogue: FormatParts['catalogue'];
  /** Whether this socket has it. */
  readonly isOnSocket: (id: string) => boolean;
  /** Whether a model will be called. */
  readonly isCall: boolean;
}

/** Resolves to what is known of its signatures then. */
export const recall = async (ctx: Context, request: ResponsesRequest, needs: RecallNeeds): Promise<SignatureLook> => {
  const { shared, answers, catalogue, isOnSocket, isCall } = needs;
  const { items, previous_response_id: previous, model } = request;
  const holder = ctx.state.caller.id;
  const wanted = {
    answers: previous === undefined || isOnSocket(previous) ? [] : [previous],
    items: referencesIn(items),
    places: placesIn(request),
  };
  const look = shared.signatures.look();
  if (!answers.lacks(wanted, holder)) return look;
  const loading = answers.load(wanted, holder, look);
  if (isCall) {
    const call = { model: catalogue.resolve(model).name, origin: originOf(ctx, 'openai'), record: recordOf(ctx) };
    const media = remoteImageUrls(request).length + (ctx.state.payloads?.texts.length ?? 0);
    shared.reserve(call, tokensOf(request) + media * MEDIA_TOKENS, answers.keysOf(wanted));
  }
  await loading;
  return look;
};

/** What the model is told beside words of the client's. */
const FEW_TOKENS = 64;

/** Of the request itself, about: what its fields are called counts as well. */
const tokensOf = ({ items, instructions, tools }: ResponsesRequest): number =>
  FEW_TOKENS + Math.ceil(tokensOfLetters(lengthOf(items) + lengthOf(instructions) + lengthOf(tools)));

const placesIn = ({ items }: ResponsesRequest): readonly string[] =>
  items.flatMap(({ item }) => {
    if (!isObject(item) || item['type'] !== 'function_call') return [];
    const { call_id: id, name, arguments: args } = item;
    return typeof id === 'string' && typeof name === 'string' && typeof args === 'string'
      ? [placeOf({ id, name, args })]
      : [];
  });
