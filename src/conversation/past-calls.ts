/** Calls that the model made before, as clients bring them back. */
import { splitSignedId } from '../gemini/signatures.ts';
import type { JsonObject } from '../gemini/types.ts';
import { isObject } from '../json.ts';
import type { ClientPart } from '../formats/openai/content.ts';
import { refusal } from '../errors/refusal.ts';
import { argumentsText, readArguments, type Arguments } from './arguments.ts';
import { echoedSignature } from '../formats/openai/chat/signature-echo.ts';

/** A call of the history, in the client's own terms. */
export interface PastCall {
  /** Without a signature that another relay wrote into it; made from the position where the client gave none. */
  readonly id: string;
  readonly name: string;
  readonly args: Arguments;
  /** The arguments as the client knows them: with id and name, the key of its remembered signature. */
  readonly sentArgs: string;
  readonly signature: string | undefined;
}

const UNKNOWN_FUNCTION = 'unknown_function';

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
  const name = nameOf(inner['name']);
  const given = custom ? { input: custom['input'] ?? '' } : inner['arguments'];
  return toPastCall({ id: call['id'], name, given, places: [call, inner], param }, details, wrappedTools);
};

/** Anthropic's way: a part of the content. */
export const readToolUse = (
  part: ClientPart,
  details: ReadonlyMap<string, string>,
  wrappedTools: ReadonlySet<string>,
): PastCall => {
  const { id, name, input } = part.fields;
  return toPastCall(
    { id, name: nameOf(name), given: input, places: [part.fields], param: part.param },
    details,
    wrappedTools,
  );
};

interface SentCall {
  readonly id: unknown;
  readonly name: string;
  readonly given: unknown;
  readonly places: readonly JsonObject[];
  readonly param: string;
}

const toPastCall = (
  sent: SentCall,
  details: ReadonlyMap<string, string>,
  wrappedTools: ReadonlySet<string>,
): PastCall => {
  const written = typeof sent.id === 'string' && sent.id !== '' ? sent.id : `call_${sent.param.replace(/\W+/g, '_')}`;
  const { id, signature: inId } = splitSignedId(written);
  const read = readArguments(sent.given);
  const signature = echoedSignature(...sent.places) ?? details.get(written) ?? details.get(id) ?? inId;
  return {
    id,
    name: sent.name,
    args: wrappedTools.has(sent.name) ? wrapped(sent.given, read) : read,
    sentArgs: typeof sent.given === 'string' ? sent.given : argumentsText(read),
    signature,
  };
};

/** What is no object arrives as `{"value": …}` already; an object is put there. */
const wrapped = (given: unknown, read: Arguments): Arguments => {
  const isWhole = typeof given === 'string' ? /^\s*\{/.test(given) : isObject(given);
  return isWhole ? { value: read } : read;
};

const nameOf = (name: unknown): string => (typeof name === 'string' && name !== '' ? name : UNKNOWN_FUNCTION);
