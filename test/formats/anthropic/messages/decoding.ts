import { decodeMessages, type DecodedMessages } from '../../../../src/formats/anthropic/messages/decode.ts';
import { readMessagesRequest } from '../../../../src/formats/anthropic/messages/request.ts';
import type { DecodeNeeds } from '../../../../src/formats/prepare.ts';
import type { Content, GenerateContentRequest } from '../../../../src/gemini/types.ts';
import { parseJson, writeJson } from '../../../../src/json.ts';
import { FLASH, needs } from '../../openai/chat/decoding.ts';

/** A body as it arrives: text, so that numbers keep their spelling. */
export const decode = (body: object, more: Partial<DecodeNeeds> = {}): DecodedMessages => {
  const whole = { model: FLASH, max_tokens: 4096, messages: [user('hi')], ...body };
  return decodeMessages(readMessagesRequest(parseJson(JSON.stringify(whole))), needs(more));
};

/** The upstream request as Google would read it. */
export const upstream = (body: object, more: Partial<DecodeNeeds> = {}): GenerateContentRequest =>
  JSON.parse(writeJson(decode(body, more).call.request)) as GenerateContentRequest;

export const contents = (
  messages: readonly object[],
  model = FLASH,
  more: Partial<DecodeNeeds> = {},
): readonly Content[] => upstream({ model, messages }, more).contents ?? [];

export const user = (content: unknown) => ({ role: 'user', content });
export const assistant = (...content: readonly unknown[]) => ({ role: 'assistant', content });
export const used = (id: string, name: string, input: unknown = {}) => ({ type: 'tool_use', id, name, input });
export const result = (id: string, content: unknown, more: object = {}) => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
  ...more,
});
