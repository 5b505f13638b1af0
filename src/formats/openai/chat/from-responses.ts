/** Cursor and others post bodies of the Responses API to the chat address: read as such, and answered as chat. */
import type { DecodeNeeds } from '../../prepare.ts';
import { decodeResponses } from '../responses/decode.ts';
import { refuseKept } from '../responses/history.ts';
import { readResponsesRequest, type ResponsesRequest } from '../responses/request.ts';
import type { DecodedChat } from './decode.ts';

export const readFromResponses = (body: unknown): ResponsesRequest => {
  const request = readResponsesRequest(body);
  // A chat answer has no id to come back to, so none is kept here.
  refuseKept(request);
  // Thoughts are shown in chat unless somebody objects.
  return { ...request, reasoning: { summary: 'auto', ...request.reasoning } };
};

export const decodeFromResponses = (request: ResponsesRequest, needs: DecodeNeeds): DecodedChat => {
  const { call, reading } = decodeResponses(request, needs);
  const includeUsage = call.stream && request.stream_options?.include_usage === true;
  return { call, reading: { ...reading, legacyFunctions: false, includeUsage } };
};
