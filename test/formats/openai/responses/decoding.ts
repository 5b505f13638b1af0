import { decodeResponses, type DecodedResponses } from '../../../../src/formats/openai/responses/decode.ts';
import type { DecodeNeeds } from '../../../../src/formats/prepare.ts';
import { readResponsesRequest } from '../../../../src/formats/openai/responses/request.ts';
import type { Content, GenerateContentRequest } from '../../../../src/gemini/types.ts';
import { parseJson, writeJson } from '../../../../src/json.ts';
import { FLASH, needs } from '../chat/decoding.ts';

/** A body as it arrives: text, so that numbers keep their spelling. */
export const decode = (body: object, more: Partial<DecodeNeeds> = {}): DecodedResponses =>
  decodeResponses(readResponsesRequest(parseJson(JSON.stringify({ model: FLASH, input: 'hi', ...body }))), needs(more));

/** The upstream request as Google would read it. */
export const upstream = (body: object, more: Partial<DecodeNeeds> = {}): GenerateContentRequest =>
  JSON.parse(writeJson(decode(body, more).call.request)) as GenerateContentRequest;

export const contents = (input: unknown, model = FLASH, more: Partial<DecodeNeeds> = {}): readonly Content[] =>
  upstream({ model, input }, more).contents ?? [];
