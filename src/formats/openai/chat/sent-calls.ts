/** Calls in a chat client's history: entries of `tool_calls`, and Anthropic's parts (Cursor sends those). */
import { toPastCall, type PastCall } from '../../../conversation/past-calls.ts';
import { refusal } from '../../../errors/refusal.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import type { ClientPart } from '../content.ts';
import { echoedSignature } from './signature-echo.ts';

/** An entry of `tool_calls`. */
export const readToolCall = (
  call: unknown,
  param: string,
  details: ReadonlyMap<string, string>,
  wrappedTools: ReadonlySet<string>,
): PastCall => {
  if (!isObject(call)) throw refusal('invalid_type', param, `'${param}' must be an object.`);
  const custom = call['type'] === 'custom' && isObject(call['custom']) ? call['custom'] : undefined;
  const inner = custom ?? (isObject(call['function']) ? call['function'] : call);
  const given = custom ? { input: custom['input'] ?? '' } : inner['arguments'];
  const signatureOf = signaturesIn([call, inner], details);
  return toPastCall({ id: call['id'], name: inner['name'], given, param, signatureOf }, wrappedTools);
};

/** Anthropic's way: a part of the content. */
export const readToolUse = (
  { fields, param }: ClientPart,
  details: ReadonlyMap<string, string>,
  wrappedTools: ReadonlySet<string>,
): PastCall => {
  const { id, name, input } = fields;
  return toPastCall({ id, name, given: input, param, signatureOf: signaturesIn([fields], details) }, wrappedTools);
};

const signaturesIn =
  (places: readonly JsonObject[], details: ReadonlyMap<string, string>) =>
  (id: string): string | undefined =>
    echoedSignature(...places) ?? details.get(id);
