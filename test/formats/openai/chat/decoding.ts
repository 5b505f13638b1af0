import { normalizeSchema } from '../../../../src/gemini/json-schema.ts';
import { createCatalogue } from '../../../../src/gemini/catalogue.ts';
import { createSignatureCache, SIGNATURE_LIMITS, type SignatureCache } from '../../../../src/gemini/signatures.ts';
import type { Content, GenerateContentRequest } from '../../../../src/gemini/types.ts';
import { parseJson, writeJson } from '../../../../src/json.ts';
import { RelayError } from '../../../../src/errors.ts';
import { decodeChat, type DecodedChat } from '../../../../src/formats/openai/chat/decode.ts';
import type { DecodeNeeds } from '../../../../src/formats/prepare.ts';
import { readChatRequest } from '../../../../src/formats/openai/chat/request.ts';

export const FLASH = 'gemini-2.5-flash';
export const PRO = 'gemini-2.5-pro';
export const FLASH_3 = 'gemini-3-flash-preview';
export const PRO_3_1 = 'gemini-3.1-pro-preview';

export const createSignatures = (): SignatureCache => createSignatureCache(SIGNATURE_LIMITS, { monotonic: () => 0 });

export const needs = (more: Partial<DecodeNeeds> = {}): DecodeNeeds => ({
  catalogue: createCatalogue(['claude-sonnet-4']),
  normalizeSchema,
  signatures: createSignatures(),
  images: new Map(),
  origin: { requestId: 'r', caller: { id: 'c', name: 'c' }, format: 'openai' },
  record: { tokens: [] },
  ...more,
});

/** A body as it arrives: text, so that numbers keep their spelling. */
export const decodeText = (body: string, more: Partial<DecodeNeeds> = {}): DecodedChat =>
  decodeChat(readChatRequest(parseJson(body)), needs(more));

export const decode = (body: object, more: Partial<DecodeNeeds> = {}): DecodedChat =>
  decodeText(JSON.stringify({ model: FLASH, messages: [{ role: 'user', content: 'hi' }], ...body }), more);

/** The upstream request as Google would read it. */
export const upstream = (body: object, more: Partial<DecodeNeeds> = {}): GenerateContentRequest =>
  JSON.parse(writeJson(decode(body, more).call.request)) as GenerateContentRequest;

export const contents = (
  messages: readonly object[],
  model = FLASH,
  more: Partial<DecodeNeeds> = {},
): readonly Content[] => upstream({ model, messages }, more).contents ?? [];

export const refused = (attempt: () => unknown): Pick<RelayError, 'status' | 'reason' | 'param'> => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof RelayError) return { status: error.status, reason: error.reason, param: error.param };
    throw error;
  }
  throw new Error('It was accepted.');
};

export const user = (content: unknown) => ({ role: 'user', content });
export const assistant = (fields: object) => ({ role: 'assistant', ...fields });
export const called = (id: string, name: string, args: unknown = '{}', more: object = {}) => ({
  id,
  type: 'function',
  function: { name, arguments: args },
  ...more,
});
export const answered = (id: string, content: unknown) => ({ role: 'tool', tool_call_id: id, content });
