/** Messages as sent → turns: who says what, who calls which function, which answers came. Order is as sent. */
import { splitSignedId } from '../../../gemini/signatures.ts';
import type { JsonObject, Part } from '../../../gemini/types.ts';
import { isObject, writeJson } from '../../../json.ts';
import { listParts, textOf, toPart, type ClientPart, type ContentNeeds } from '../content.ts';
import { refusal } from '../refusal.ts';
import { argumentsText, readArguments, type Arguments } from './arguments.ts';
import { imagesInMarkdown } from './markdown-images.ts';
import type { ClientMessage } from './request.ts';
import { detailSignatures, echoedSignature } from './signature-echo.ts';

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

export interface PastAnswer {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly response: JsonObject;
  readonly media: readonly Part[];
}

export type Turn =
  | { readonly kind: 'system'; readonly texts: readonly string[] }
  | { readonly kind: 'user'; readonly parts: readonly Part[] }
  | { readonly kind: 'model'; readonly parts: readonly Part[]; readonly calls: readonly PastCall[] }
  | { readonly kind: 'answer'; readonly answer: PastAnswer };

export interface MessageNeeds extends ContentNeeds {
  /** Client names of tools whose arguments travel as `{"value": …}`. */
  readonly wrappedTools: ReadonlySet<string>;
}

export const UNKNOWN_FUNCTION = 'unknown_function';

export const readTurns = (messages: readonly ClientMessage[], needs: MessageNeeds): readonly Turn[] =>
  messages.flatMap((message) => {
    const { role } = message.fields;
    switch (role) {
      case 'system':
      case 'developer':
        return [readSystem(message, needs)];
      case 'user':
        return readUser(message, needs);
      case 'assistant':
      case 'model':
        return [readModel(message, needs)];
      case 'tool':
      case 'function':
        return [readTool(message, needs)];
      default:
        throw unknownRole(message, role);
    }
  });

const SYSTEM_FIELDS = new Set(['role', 'content', 'type', 'id', 'status']);
const MODEL_FIELDS = new Set([
  ...SYSTEM_FIELDS,
  ...['tool_calls', 'function_call', 'refusal', 'images', 'extra_content', 'provider_specific_fields'],
]);
const TOOL_FIELDS = new Set([...SYSTEM_FIELDS, 'tool_call_id', 'name']);

const readSystem = ({ fields, param }: ClientMessage, needs: MessageNeeds): Turn => {
  needs.ignored.rest(fields, SYSTEM_FIELDS, 'messages[]');
  const texts = listParts(fields['content'], `${param}.content`).map((part) => {
    const text = textOf(part);
    if (text !== undefined) return text;
    throw refusal('invalid_value', part.param, `'${part.param}': a ${String(fields['role'])} message holds text only.`);
  });
  return { kind: 'system', texts: texts.filter((text) => text !== '') };
};

/** Results of tools may sit in a user message (Anthropic's way); they come before what the user says. */
const readUser = ({ fields, param }: ClientMessage, needs: MessageNeeds): readonly Turn[] => {
  needs.ignored.rest(fields, SYSTEM_FIELDS, 'messages[]');
  const turns: Turn[] = [];
  const parts: Part[] = [];
  for (const part of listParts(fields['content'], `${param}.content`)) {
    if (part.type === 'tool_result') turns.push({ kind: 'answer', answer: readToolResult(part, needs) });
    else push(parts, toPart(part, needs));
  }
  return [...turns, { kind: 'user', parts }];
};

const readModel = ({ fields, param }: ClientMessage, needs: MessageNeeds): Turn => {
  // Thoughts are never replayed as text; of these fields only signatures are read.
  needs.ignored.rest(fields, MODEL_FIELDS, 'messages[]');
  const parts: Part[] = [];
  const calls: PastCall[] = [];
  const details = detailSignatures(fields);
  for (const part of [
    ...listParts(fields['content'], `${param}.content`),
    ...listParts(fields['refusal'], `${param}.refusal`),
    ...listParts(fields['images'], `${param}.images`),
  ]) {
    if (part.type === 'tool_use') calls.push(readToolUse(part, details, needs));
    else if (THOUGHT_TYPES.has(part.type)) needs.ignored.add(`messages[].content[] (${part.type})`);
    else parts.push(...readModelPart(part, needs));
  }
  const sent = fields['tool_calls'] ?? legacyCall(fields['function_call']);
  if (sent !== undefined && !Array.isArray(sent)) {
    throw refusal('invalid_type', `${param}.tool_calls`, `'${param}.tool_calls' must be an array.`);
  }
  (sent ?? []).forEach((call: unknown, index) => {
    calls.push(readToolCall(call, `${param}.tool_calls[${index}]`, details, needs));
  });
  return { kind: 'model', parts: withTextSignature(parts, echoedSignature(fields)), calls };
};

const THOUGHT_TYPES: ReadonlySet<string> = new Set(['thinking', 'redacted_thinking', 'reasoning', 'reasoning_text']);

const readModelPart = (part: ClientPart, needs: MessageNeeds): readonly Part[] => {
  const text = textOf(part);
  const read = text === undefined ? [toPart(part, needs)] : imagesInMarkdown(text);
  const signature = echoedSignature(part.fields);
  const parts = read.filter((item) => item !== undefined);
  return signature === undefined || parts.length !== 1
    ? parts
    : parts.map((item) => ({ ...item, thoughtSignature: signature }));
};

/** A message's own signature belongs to its last text. */
const withTextSignature = (parts: readonly Part[], signature: string | undefined): readonly Part[] => {
  const last = parts.findLastIndex((part) => part.text !== undefined);
  const part = parts[last];
  if (!part || signature === undefined || part.thoughtSignature !== undefined) return parts;
  return parts.with(last, { ...part, thoughtSignature: signature });
};

const legacyCall = (call: unknown): unknown => (isObject(call) ? [{ type: 'function', function: call }] : undefined);

const readToolCall = (
  call: unknown,
  param: string,
  details: ReadonlyMap<string, string>,
  needs: MessageNeeds,
): PastCall => {
  if (!isObject(call)) throw refusal('invalid_type', param, `'${param}' must be an object.`);
  const custom = call['type'] === 'custom' && isObject(call['custom']) ? call['custom'] : undefined;
  const inner = custom ?? (isObject(call['function']) ? call['function'] : call);
  const name = nameOf(inner['name']);
  const given = custom ? { input: custom['input'] ?? '' } : inner['arguments'];
  return toPastCall({ id: call['id'], name, given, places: [call, inner], param }, details, needs);
};

const readToolUse = (part: ClientPart, details: ReadonlyMap<string, string>, needs: MessageNeeds): PastCall => {
  const { id, name, input } = part.fields;
  return toPastCall({ id, name: nameOf(name), given: input, places: [part.fields], param: part.param }, details, needs);
};

interface SentCall {
  readonly id: unknown;
  readonly name: string;
  readonly given: unknown;
  readonly places: readonly JsonObject[];
  readonly param: string;
}

const toPastCall = (sent: SentCall, details: ReadonlyMap<string, string>, needs: MessageNeeds): PastCall => {
  const written = typeof sent.id === 'string' && sent.id !== '' ? sent.id : `call_${sent.param.replace(/\W+/g, '_')}`;
  const { id, signature: inId } = splitSignedId(written);
  const read = readArguments(sent.given);
  const signature = echoedSignature(...sent.places) ?? details.get(written) ?? details.get(id) ?? inId;
  return {
    id,
    name: sent.name,
    args: needs.wrappedTools.has(sent.name) ? wrapped(sent.given, read) : read,
    sentArgs: typeof sent.given === 'string' ? sent.given : argumentsText(read),
    signature,
  };
};

/** What is no object arrives as `{"value": …}` already; an object is put there. */
const wrapped = (given: unknown, read: Arguments): Arguments => {
  const isWhole = typeof given === 'string' ? /^\s*\{/.test(given) : isObject(given);
  return isWhole ? { value: read } : read;
};

const readTool = ({ fields, param }: ClientMessage, needs: MessageNeeds): Turn => {
  needs.ignored.rest(fields, TOOL_FIELDS, 'messages[]');
  const parts = listAnswerParts(fields['content'], `${param}.content`);
  const result = parts.length === 1 && parts[0]?.type === 'tool_result' ? parts[0] : undefined;
  if (result) return { kind: 'answer', answer: readToolResult(result, needs) };
  const { name, tool_call_id } = fields;
  return { kind: 'answer', answer: toAnswer(tool_call_id, name, 'output', parts, needs) };
};

const readToolResult = ({ fields, param }: ClientPart, needs: MessageNeeds): PastAnswer => {
  const parts = listAnswerParts(fields['content'], `${param}.content`);
  return toAnswer(
    fields['tool_use_id'],
    fields['name'],
    fields['is_error'] === true ? 'error' : 'output',
    parts,
    needs,
  );
};

const toAnswer = (
  id: unknown,
  name: unknown,
  key: 'output' | 'error',
  parts: readonly ClientPart[],
  needs: MessageNeeds,
): PastAnswer => {
  const texts: string[] = [];
  const media: Part[] = [];
  for (const part of parts) {
    const converted = textOf(part) === undefined ? toPart(part, needs) : undefined;
    const text = textOf(part) ?? converted?.text;
    if (text === undefined) push(media, converted);
    else texts.push(text);
  }
  return {
    id: typeof id === 'string' && id !== '' ? splitSignedId(id).id : undefined,
    name: typeof name === 'string' && name !== '' ? name : undefined,
    // Verbatim text: parsed JSON would lose long integers and meet the keys that mean something here.
    response: { [key]: texts.join('\n') },
    media,
  };
};

/** Some clients put a tool's result there as it is, an object that is no part. */
const listAnswerParts = (content: unknown, param: string): readonly ClientPart[] => {
  const isPlain = isObject(content) ? typeof content['type'] !== 'string' : isPlainList(content);
  return listParts(
    isPlain || typeof content === 'number' || typeof content === 'boolean' ? writeJson(content) : content,
    param,
  );
};

const isPlainList = (content: unknown): boolean =>
  Array.isArray(content) && content.length > 0 && !content.some((item) => typeof item === 'string' || isPart(item));

const isPart = (item: unknown): boolean => isObject(item) && (typeof item['type'] === 'string' || 'text' in item);

const nameOf = (name: unknown): string => (typeof name === 'string' && name !== '' ? name : UNKNOWN_FUNCTION);

const push = (parts: Part[], part: Part | undefined): void => {
  if (part) parts.push(part);
};

const unknownRole = ({ param }: ClientMessage, role: unknown) =>
  role === undefined || role === null
    ? refusal('missing_required_parameter', `${param}.role`, `Missing required parameter: '${param}.role'.`)
    : refusal(
        'invalid_value',
        `${param}.role`,
        `'${param}.role' must be one of system, developer, user, assistant, tool, function.`,
      );
