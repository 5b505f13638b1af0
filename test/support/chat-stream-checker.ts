/**
 * Reads a stream of chat completion chunks as the strictest of clients would, and throws at whatever one of them could
 * stumble over: the rules that SDKs, naive parsers and agents rely on, taken together.
 */
import assert from 'node:assert/strict';

export interface CheckedToolCall {
  readonly index: number;
  readonly id: string;
  readonly type: string;
  readonly function?: { readonly name: string; readonly arguments: string };
  readonly custom?: { readonly name: string; readonly input: string };
  readonly extra_content?: { readonly google: { readonly thought_signature: string } };
}

export interface CheckedChoice {
  content: string;
  reasoning: string;
  refusal: string | undefined;
  finishReason: string | undefined;
  signature: string | undefined;
  functionCall: { readonly name: string; readonly arguments: string } | undefined;
  readonly toolCalls: CheckedToolCall[];
  readonly images: unknown[];
  readonly annotations: unknown[];
  readonly logprobs: unknown[];
  /** Names of what came, in order, repetitions of a kind as one: `role`, `reasoning`, `content`, `tool`, `finish` … */
  readonly order: string[];
}

export interface CheckedStream {
  readonly id: string;
  readonly model: string;
  readonly chunks: readonly Chunk[];
  readonly choices: readonly CheckedChoice[];
  readonly usage: Readonly<Record<string, unknown>> | undefined;
  readonly error: { readonly message: string; readonly type: string; readonly code: string | null } | undefined;
  readonly heartbeats: number;
}

export interface StreamExpectations {
  readonly includeUsage?: boolean;
  readonly n?: number;
  /** The stream is to end with an error, not with `[DONE]`. */
  readonly fails?: boolean;
}

interface Chunk {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChunkChoice[];
  readonly usage?: Readonly<Record<string, unknown>> | null;
  readonly error?: { readonly message: string; readonly type: string; readonly code: string | null };
}

interface ChunkChoice {
  readonly index: number;
  readonly delta: Readonly<Record<string, unknown>>;
  readonly finish_reason: string | null;
  readonly logprobs?: { readonly content: readonly unknown[] } | null;
}

const DELTA_KEYS = new Set([
  'role',
  'content',
  'refusal',
  'reasoning_content',
  'tool_calls',
  'function_call',
  'images',
  'annotations',
  'extra_content',
]);
const FINISH_REASONS = new Set(['stop', 'length', 'content_filter', 'tool_calls', 'function_call']);

export const checkChatStream = (text: string, expected: StreamExpectations = {}): CheckedStream => {
  const events = splitEvents(text);
  const data = events.filter((event) => !event.startsWith(':'));
  const last = data.at(-1);
  const failed = expected.fails === true;
  assert.equal(data.filter((event) => event === 'data: [DONE]').length, failed ? 0 : 1, 'one [DONE], none on failure');
  if (!failed) assert.equal(last, 'data: [DONE]', '[DONE] comes last');
  const chunks = data.filter((event) => event !== 'data: [DONE]').map(parseEvent);

  let error: CheckedStream['error'];
  if (failed) {
    error = chunks.pop()?.error;
    assert.ok(error, 'a failed stream ends with an error event');
    assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type']);
  }
  const usage = checkUsage(chunks, expected, failed);
  const choices: CheckedChoice[] = [];
  const [first] = chunks;
  for (const chunk of chunks) {
    assert.equal(chunk.error, undefined, 'an error is the last event');
    assert.match(chunk.id, /^chatcmpl-[A-Za-z0-9]{24}$/);
    assert.equal(chunk.id, first?.id, 'one id');
    assert.equal(chunk.object, 'chat.completion.chunk');
    assert.ok(Number.isInteger(chunk.created) && chunk.created === first?.created, 'one whole second');
    assert.equal(chunk.model, first.model, 'one model');
    assert.ok(chunk.choices instanceof Array, 'choices is an array');
    for (const choice of chunk.choices) checkChoice(choice, choices, expected.n ?? 1);
  }
  const ids = choices.flatMap((choice) => choice.toolCalls.map(({ id }) => id));
  assert.equal(new Set(ids).size, ids.length, 'ids of tool calls are unique');
  if (!failed) {
    assert.ok(choices.length > 0, 'there is an answer');
    for (const choice of choices) assert.ok(choice.finishReason, 'every choice has an end');
  }
  const heartbeats = events.length - data.length;
  return { id: first?.id ?? '', model: first?.model ?? '', chunks, choices, usage, error, heartbeats };
};

/** Blocks that end with an empty line, each one comment or one data line. */
const splitEvents = (text: string): string[] => {
  if (text === '') return [];
  assert.ok(text.endsWith('\n\n'), 'the last event ends with an empty line');
  assert.ok(!text.includes('\r'), 'plain line ends');
  const events = text.slice(0, -2).split('\n\n');
  for (const event of events) {
    assert.ok(!event.includes('\n'), `one line in an event: ${event}`);
    assert.ok(event.startsWith('data: ') || event.startsWith(':'), `data or a comment: ${event}`);
  }
  return events;
};

const parseEvent = (event: string): Chunk => JSON.parse(event.slice('data: '.length)) as Chunk;

const checkUsage = (
  chunks: readonly Chunk[],
  expected: StreamExpectations,
  failed: boolean,
): CheckedStream['usage'] => {
  if (expected.includeUsage !== true) {
    for (const chunk of chunks) assert.ok(!('usage' in chunk), 'usage only where it was asked for');
    return undefined;
  }
  const last = failed ? undefined : chunks.at(-1);
  for (const chunk of chunks) {
    if (chunk === last) continue;
    assert.equal(chunk.usage, null, 'usage is null before the end');
    assert.ok(chunk.choices.length > 0, 'only the usage chunk has no choices');
  }
  if (!last) return undefined;
  assert.deepEqual(last.choices, [], 'the usage chunk has no choices');
  assert.ok(last.usage, 'the last chunk has the usage');
  for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens']) {
    assert.equal(typeof last.usage[key], 'number', key);
  }
  for (const key of ['prompt_tokens_details', 'completion_tokens_details']) {
    assert.equal(typeof last.usage[key], 'object', key);
  }
  return last.usage;
};

const checkChoice = (choice: ChunkChoice, choices: CheckedChoice[], n: number): void => {
  const { index, delta } = choice;
  assert.ok(Number.isInteger(index) && index >= 0 && index < n, `index ${index} of ${n}`);
  for (const key of Object.keys(delta)) assert.ok(DELTA_KEYS.has(key), `unknown key ${key}`);
  const known = choices[index];
  if (!known) {
    assert.deepEqual(delta, { role: 'assistant', content: '' }, 'a choice opens with its role');
    assert.equal(choice.finish_reason, null);
    choices[index] = newChoice();
    return;
  }
  assert.equal(known.finishReason, undefined, 'nothing follows the end of a choice');
  assert.ok(!('role' in delta), 'the role comes once');
  if (choice.finish_reason !== null) {
    assert.ok(FINISH_REASONS.has(choice.finish_reason), `finish_reason ${choice.finish_reason}`);
    assert.deepEqual(delta, {}, 'the end says nothing else');
    known.finishReason = choice.finish_reason;
    note(known, 'finish');
    return;
  }
  if (choice.logprobs) {
    known.logprobs.push(...choice.logprobs.content);
    note(known, 'logprobs');
  } else {
    assert.ok(Object.keys(delta).length > 0, 'a delta says something');
  }
  takeDelta(known, delta);
};

const newChoice = (): CheckedChoice => ({
  content: '',
  reasoning: '',
  refusal: undefined,
  finishReason: undefined,
  signature: undefined,
  functionCall: undefined,
  toolCalls: [],
  images: [],
  annotations: [],
  logprobs: [],
  order: ['role'],
});

const note = (choice: CheckedChoice, kind: string): void => {
  if (choice.order.at(-1) !== kind) choice.order.push(kind);
};

const takeDelta = (choice: CheckedChoice, delta: ChunkChoice['delta']): void => {
  const { content, reasoning_content: reasoning, refusal, tool_calls: calls, function_call: call } = delta;
  if ('content' in delta) {
    assert.ok(typeof content === 'string' && content !== '', 'content is text');
    choice.content += content;
    note(choice, 'content');
  }
  if ('reasoning_content' in delta) {
    assert.ok(typeof reasoning === 'string' && reasoning !== '', 'reasoning is text');
    choice.reasoning += reasoning;
    note(choice, 'reasoning');
  }
  if ('refusal' in delta) {
    assert.ok(typeof refusal === 'string' && refusal !== '', 'a refusal is text');
    choice.refusal = refusal;
    note(choice, 'refusal');
  }
  if ('tool_calls' in delta) {
    assert.ok(Array.isArray(calls) && calls.length === 1, 'one tool call in a delta');
    takeToolCall(choice, calls[0] as CheckedToolCall);
  }
  if ('function_call' in delta) {
    assert.equal(choice.functionCall, undefined, 'one function call at most');
    choice.functionCall = call as { name: string; arguments: string };
    JSON.parse(choice.functionCall.arguments);
    note(choice, 'function');
  }
  takeRest(choice, delta);
};

const takeToolCall = (choice: CheckedChoice, call: CheckedToolCall): void => {
  assert.equal(call.index, choice.toolCalls.length, 'tool calls are numbered without gaps over the whole stream');
  assert.match(call.id, /^[A-Za-z0-9_-]{1,40}$/);
  if (call.type === 'custom') {
    assert.ok(call.custom?.name, 'a custom call has a name');
    assert.equal(typeof call.custom.input, 'string');
  } else {
    assert.equal(call.type, 'function');
    assert.ok(call.function?.name, 'a function has a name');
    JSON.parse(call.function.arguments);
  }
  choice.toolCalls.push(call);
  note(choice, 'tool');
};

const takeRest = (choice: CheckedChoice, delta: ChunkChoice['delta']): void => {
  const { images, annotations, extra_content: extra } = delta;
  if (Array.isArray(images)) {
    choice.images.push(...(images as unknown[]));
    note(choice, 'images');
  }
  if (Array.isArray(annotations)) {
    assert.equal(choice.annotations.length, 0, 'annotations come in one delta');
    choice.annotations.push(...(annotations as unknown[]));
    note(choice, 'annotations');
  }
  if (extra !== undefined) {
    choice.signature = (extra as { google: { thought_signature: string } }).google.thought_signature;
    note(choice, 'signature');
  }
};
