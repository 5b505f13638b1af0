/** Cursor and others post bodies of the Responses API to the chat address: read as such, and answered as chat. */
import type { DecodeNeeds } from '../../prepare.ts';
import { decodeResponses } from '../responses/decode.ts';
import { resolveItems, type PastResponses } from '../responses/history.ts';
import { readResponsesRequest, type ResponsesRequest } from '../responses/request.ts';
import type { DecodedChat } from './decode.ts';

/** A chat answer has no id to come back to, so none is kept here. */
const NOTHING_KEPT: PastResponses = { find: () => undefined, findItem: () => undefined };
const nothingKept = (): PastResponses => NOTHING_KEPT;

export const readFromResponses = (body: unknown): ResponsesRequest => {
  const request = readResponsesRequest(body);
  const { all } = resolveItems(request, nothingKept);
  // Thoughts are shown in chat unless somebody objects.
  return { ...request, items: all, reasoning: { summary: 'auto', ...request.reasoning } };
};

export const decodeFromResponses = (request: ResponsesRequest, needs: DecodeNeeds): DecodedChat => {
  const { call, reading } = decodeResponses(request, needs);
  const includeUsage = call.stream && request.stream_options?.include_usage === true;
  return { call, reading: { ...reading, legacyFunctions: false, includeUsage } };
};
