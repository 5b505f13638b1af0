/** Messages as sent → turns: who says what, who calls which function, which answers came. Order is as sent. */
import type { JsonObject, Part } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import { listParts, textOf, toPart, type ClientPart, type ContentNeeds } from '../content.ts';
import { holdsOnly } from '../../../conversation/ignored.ts';
import type { PastCall } from '../../../conversation/past-calls.ts';
import { withTextSignature, type Turn } from '../../../conversation/turns.ts';
import { missing, refusal } from '../../../errors/refusal.ts';
import { imagesInMarkdown, type ImageAllowance } from '../../../conversation/markdown-images.ts';
import type { ClientMessage } from './request.ts';
import { readToolAnswer, readToolResult } from './sent-answers.ts';
import { readToolCall, readToolUse } from './sent-calls.ts';
import {
  detailSignatures,
  echoedSignature,
  hasOtherDetails,
  messageSignature,
  NO_DETAILS,
  noteBesideSignatures,
} from './signature-echo.ts';

export interface MessageNeeds extends ContentNeeds {
  /** Client names of tools whose arguments travel as `{"value": …}`. */
  readonly wrappedTools: ReadonlySet<string>;
  /** Of pictures in what the model said. */
  readonly written: ImageAllowance;
}

export const readTurns = (messages: readonly ClientMessage[], needs: MessageNeeds): readonly Turn[] => {
  const turns: Turn[] = [];
  for (const message of messages) {
    const { role } = message.fields;
    switch (role) {
      case 'system':
      case 'developer':
        turns.push(readSystem(message, needs));
        break;
      case 'user':
        readUser(message, needs, turns);
        break;
      case 'assistant':
      case 'model':
        turns.push(readModel(message, needs));
        break;
      case 'tool':
      case 'function':
        needs.ignored.restOfEach(message.fields, TOOL_FIELDS, message.param);
        turns.push({ kind: 'answer', answer: readToolAnswer(message, needs) });
        break;
      default:
        throw unknownRole(message, role);
    }
  }
  return turns;
};

/** Codex's notes to itself, on items of each kind. */
export const CODEX_NOTES = 'internal_chat_message_metadata_passthrough';

const SYSTEM_FIELDS = new Set(['role', 'content', 'type', 'id', 'status', CODEX_NOTES]);
/** In them stands no signature of the message's own. */
const UNSIGNED_FIELDS = new Set([...SYSTEM_FIELDS, 'tool_calls', 'function_call', 'refusal', 'images']);
const MODEL_FIELDS = new Set([
  ...UNSIGNED_FIELDS,
  ...['extra_content', 'provider_specific_fields', 'reasoning_details', 'thinking_blocks', 'thought_signatures'],
]);
/** A `status` would say that the tool failed. */
const TOOL_FIELDS = new Set(['role', 'content', 'type', 'id', 'tool_call_id', 'name']);

const readSystem = ({ fields, param }: ClientMessage, needs: MessageNeeds): Turn => {
  needs.ignored.restOfEach(fields, SYSTEM_FIELDS, param);
  const { content } = fields;
  if (typeof content === 'string') return { kind: 'system', texts: content === '' ? [] : [content] };
  const texts = listParts(content, `${param}.content`).map((part) => {
    if (textOf(part) !== undefined) return toPart(part, needs)?.text ?? '';
    throw refusal('invalid_value', part.param, `'${part.param}': a ${String(fields['role'])} message holds text only.`);
  });
  return { kind: 'system', texts: texts.filter((text) => text !== '') };
};

/** Results of tools may sit in a user message (Anthropic's way); they come before what the user says. */
const readUser = ({ fields, param }: ClientMessage, needs: MessageNeeds, turns: Turn[]): void => {
  needs.ignored.restOfEach(fields, SYSTEM_FIELDS, param);
  const { content } = fields;
  const parts: Part[] = [];
  if (typeof content === 'string') {
    if (content !== '') parts.push({ text: content });
  } else {
    for (const part of listParts(content, `${param}.content`)) {
      if (part.type === 'tool_result') turns.push({ kind: 'answer', answer: readToolResult(part, needs) });
      else push(parts, toPart(part, needs));
    }
  }
  turns.push({ kind: 'user', parts });
};

const readModel = ({ fields, param }: ClientMessage, needs: MessageNeeds): Turn => {
  const { content } = fields;
  // Most say a text and nothing besides: there is nothing else to look for.
  if (typeof content === 'string' && holdsOnly(fields, SYSTEM_FIELDS)) {
    return { kind: 'model', parts: imagesInMarkdown(content, `${param}.content`, needs.written), calls: NO_CALLS };
  }
  // Thoughts are never replayed as text; of these fields only signatures are read.
  needs.ignored.restOfEach(fields, MODEL_FIELDS, param);
  const parts: Part[] = [];
  const calls: PastCall[] = [];
  const { ignored, wrappedTools } = needs;
  const maySign = !holdsOnly(fields, UNSIGNED_FIELDS);
  const callNeeds = { details: maySign ? detailSignatures(fields) : NO_DETAILS, wrappedTools, ignored };
  if (maySign) {
    noteBesideSignatures(fields, param, ignored);
    if (hasOtherDetails(fields)) needs.ignored.addOfEach(`${param}.reasoning_details`);
  }
  for (const part of listSaid(fields, param)) {
    if (part.type === 'tool_use') calls.push(readToolUse(part, callNeeds));
    else if (THOUGHT_TYPES.has(part.type)) needs.ignored.addOfEach(`${part.param} (${part.type})`);
    else for (const said of readModelPart(part, needs)) parts.push(said);
  }
  const sent = fields['tool_calls'] ?? [];
  if (!Array.isArray(sent)) {
    throw refusal('invalid_type', `${param}.tool_calls`, `'${param}.tool_calls' must be an array.`);
  }
  if (sent.length > 0 && fields['function_call']) ignored.addOfEach(`${param}.function_call`);
  const sentCalls: readonly unknown[] = sent.length > 0 ? sent : legacyCalls(fields['function_call']);
  for (const [index, call] of sentCalls.entries()) {
    calls.push(readToolCall(call, `${param}.tool_calls[${index}]`, callNeeds));
  }
  const echoed = maySign ? echoedSignature(fields) : undefined;
  const signature = echoed ?? (maySign ? messageSignature(fields) : undefined);
  // Of a message with calls it is the first call's, which Google asks for; else the text's.
  const [first] = calls;
  if (first && first.signature === undefined && signature !== undefined && echoed === undefined) {
    calls[0] = { ...first, signature };
    return { kind: 'model', parts, calls };
  }
  return { kind: 'model', parts: withTextSignature(parts, signature), calls };
};

const NO_CALLS: readonly PastCall[] = [];

const SAID_IN = ['content', 'refusal', 'images'] as const;

const listSaid = (fields: JsonObject, param: string): readonly ClientPart[] => {
  let said: readonly ClientPart[] | undefined;
  for (const field of SAID_IN) {
    const value = fields[field];
    if (value === undefined || value === null) continue;
    const parts = listParts(value, `${param}.${field}`);
    said = said ? [...said, ...parts] : parts;
  }
  return said ?? [];
};

const THOUGHT_TYPES: ReadonlySet<string> = new Set(['thinking', 'redacted_thinking', 'reasoning', 'reasoning_text']);

const legacyCalls = (call: unknown): readonly unknown[] =>
  isObject(call) ? [{ type: 'function', function: call }] : [];

const readModelPart = (part: ClientPart, needs: MessageNeeds): readonly Part[] => {
  const whole = toPart(part, needs);
  const read = whole?.text === undefined ? [whole] : imagesInMarkdown(whole.text, part.param, needs.written);
  const signature = echoedSignature(part.fields);
  const parts = read.filter((item) => item !== undefined);
  return signature === undefined || parts.length !== 1
    ? parts
    : parts.map((item) => ({ ...item, thoughtSignature: signature }));
};

const push = (parts: Part[], part: Part | undefined): void => {
  if (part) parts.push(part);
};

const unknownRole = ({ param }: ClientMessage, role: unknown) =>
  role === undefined || role === null
    ? missing(`${param}.role`)
    : refusal(
        'invalid_value',
        `${param}.role`,
        `'${param}.role' must be one of system, developer, user, assistant, tool, function.`,
      );
