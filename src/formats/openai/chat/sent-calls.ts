/** Calls in a chat client's history: entries of `tool_calls`, and Anthropic's parts (Cursor sends those). */
import type { Ignored } from '../../../conversation/ignored.ts';
import { toPastCall, type PastCall } from '../../../conversation/past-calls.ts';
import { refusal } from '../../../errors/refusal.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import type { ClientPart } from '../content.ts';
import { echoedSignature, SIGNATURE_FIELDS } from './signature-echo.ts';

/** Signatures as a message's details bind them to calls, and what is known of the tools. */
export interface SentCallNeeds {
  readonly details: ReadonlyMap<string, string>;
  readonly wrappedTools: ReadonlySet<string>;
  readonly ignored: Ignored;
}

/** An entry of `tool_calls`. */
export const readToolCall = (
  call: unknown,
  param: string,
  { details, wrappedTools, ignored }: SentCallNeeds,
): PastCall => {
  if (!isObject(call)) throw refusal('invalid_type', param, `'${param}' must be an object.`);
  const custom = call['type'] === 'custom' && isObject(call['custom']) ? call['custom'] : undefined;
  const inner = custom ?? (isObject(call['function']) ? call['function'] : call);
  ignored.restOfEach(call, CALL_FIELDS, param);
  const { type } = call;
  if (type !== 'function' && !custom && type !== undefined && type !== null) ignored.addOfEach(`${param}.type`);
  if (inner !== call) ignored.restOfEach(inner, INNER_FIELDS, `${param}.${custom ? 'custom' : 'function'}`);
  const given = custom ? { input: custom['input'] ?? '' } : inner['arguments'];
  const signatureOf = signaturesIn([call, inner], details);
  return toPastCall({ id: call['id'], name: inner['name'], given, param, signatureOf }, wrappedTools);
};

/** Anthropic's way: a part of the content. */
export const readToolUse = (
  { fields, param }: ClientPart,
  { details, wrappedTools, ignored }: SentCallNeeds,
): PastCall => {
  const { id, name, input } = fields;
  ignored.restOfEach(fields, TOOL_USE_FIELDS, param);
  return toPastCall({ id, name, given: input, param, signatureOf: signaturesIn([fields], details) }, wrappedTools);
};

const INNER_FIELDS: ReadonlySet<string> = new Set(['name', 'arguments', 'input', ...SIGNATURE_FIELDS]);
const CALL_FIELDS: ReadonlySet<string> = new Set(['id', 'type', 'index', 'function', 'custom', ...INNER_FIELDS]);
const TOOL_USE_FIELDS: ReadonlySet<string> = new Set(['type', 'id', 'name', 'input', ...SIGNATURE_FIELDS]);

const signaturesIn = (places: readonly JsonObject[], details: ReadonlyMap<string, string>) => {
  const echoed = echoedSignature(...places);
  return (id: string): string | undefined => echoed ?? details.get(id);
};
