/**
 * Reads a stream of the Responses API as the strictest of clients would, and throws at whatever one of them could
 * stumble over: which event may follow which, what each must hold, and that the last one tells what all others told.
 */
import assert from 'node:assert/strict';

type Fields = Readonly<Record<string, unknown>>;

export interface ResponseEvent extends Fields {
  readonly type: string;
  readonly sequence_number: number;
}

export interface CheckedResponseStream {
  readonly events: readonly ResponseEvent[];
  /** Their types in order, repetitions as one and without `response.` */
  readonly order: readonly string[];
  /** Of the last event. */
  readonly response: Fields & { readonly id: string; readonly status: string; readonly output: readonly Fields[] };
  readonly last: string;
  readonly heartbeats: number;
}

const TERMINAL = new Set(['response.completed', 'response.incomplete', 'response.failed']);
const RESPONSE_KEYS = (
  'id object created_at completed_at status error incomplete_details instructions model tools output usage text ' +
  'parallel_tool_calls metadata tool_choice temperature top_p reasoning store background service_tier truncation ' +
  'presence_penalty frequency_penalty top_logprobs max_output_tokens max_tool_calls previous_response_id'
).split(' ');

export const checkResponsesStream = (text: string): CheckedResponseStream => {
  const blocks = splitBlocks(text);
  const events = blocks.filter((block) => !block.startsWith(':')).map(parseEvent);
  events.forEach((event, index) => {
    assert.equal(event.sequence_number, index, `events are numbered without a gap: ${event.type}`);
  });
  const [first, second] = events;
  assert.equal(first?.type, 'response.created');
  const last = events.at(-1);
  assert.ok(last && TERMINAL.has(last.type), `the end is said: ${String(last?.type)}`);
  const beginning = responseIn(first);
  assert.equal(beginning.status, 'in_progress');
  assert.deepEqual(beginning.output, []);
  assert.equal(second?.type, 'response.in_progress');
  assert.deepEqual(second['response'], first['response']);

  const items = new Items();
  for (const event of events.slice(2, -1)) items.take(event);
  const response = responseIn(last);
  for (const key of ['id', 'created_at', 'model', 'tools', 'metadata']) {
    assert.deepEqual(response[key], beginning[key], `${key} stays the same`);
  }
  if (last.type !== 'response.failed') items.checkAllDone();
  assert.deepEqual(response.output, items.done, 'the last event tells the items that were sent');
  checkEnd(last.type, response);
  return {
    events,
    order: namesOf(events),
    response,
    last: last.type,
    heartbeats: blocks.length - events.length,
  };
};

/** A whole response, by the same rules. */
export const checkResponse = (given: unknown): CheckedResponseStream['response'] => {
  const response = given as CheckedResponseStream['response'];
  for (const key of RESPONSE_KEYS) assert.ok(key in response, `a response has ${key}`);
  assert.match(response.id, /^resp_\w{20,}$/);
  assert.equal(response['object'], 'response');
  assert.ok(Number.isInteger(response['created_at']));
  assert.equal(Number.isInteger(response['completed_at']), response.status === 'completed', 'when it was completed');
  const ids = response.output.map((item) => item['id']);
  assert.equal(new Set(ids).size, ids.length, 'ids of items are unique');
  for (const item of response.output) checkDone(item);
  return response;
};

const splitBlocks = (text: string): readonly string[] => {
  assert.ok(text.endsWith('\n\n'), 'the last event ends with an empty line');
  assert.ok(!text.includes('\r'), 'plain line ends');
  return text.slice(0, -2).split('\n\n');
};

const parseEvent = (block: string): ResponseEvent => {
  const [name = '', data = '', ...more] = block.split('\n');
  assert.deepEqual(more, [], `two lines in an event: ${block}`);
  assert.ok(data.startsWith('data: {'), data);
  const event = JSON.parse(data.slice('data: '.length)) as ResponseEvent;
  assert.equal(name, `event: ${event.type}`);
  return event;
};

const responseIn = (event: ResponseEvent): CheckedResponseStream['response'] => checkResponse(event['response']);

const checkEnd = (type: string, response: CheckedResponseStream['response']): void => {
  const { usage, incomplete_details: incomplete, error, status } = response;
  if (type === 'response.failed') {
    assert.ok(status === 'failed' || status === 'cancelled', status);
    if (status === 'failed') assert.deepEqual(Object.keys(error as object).sort(), ['code', 'message']);
  } else {
    assert.equal(error, null);
    assert.ok(status === 'completed' || status === 'incomplete', status);
    if (type === 'response.incomplete') assert.equal(status, 'incomplete');
    assert.equal(incomplete === null, status === 'completed');
    assert.ok(usage, 'usage is told at the end');
  }
  if (usage === null) return;
  const { input_tokens_details: ofInput, output_tokens_details: ofOutput, ...totals } = usage as Fields;
  assert.deepEqual(Object.keys(totals).sort(), ['input_tokens', 'output_tokens', 'total_tokens']);
  for (const [name, value] of Object.entries({ ...totals, ...(ofInput as object), ...(ofOutput as object) })) {
    assert.ok(Number.isInteger(value), `${name} is a whole number`);
  }
  assert.deepEqual(Object.keys(ofInput as object), ['cached_tokens', 'cache_write_tokens']);
  assert.deepEqual(Object.keys(ofOutput as object), ['reasoning_tokens']);
};

const namesOf = (events: readonly ResponseEvent[]): readonly string[] => {
  const names: string[] = [];
  for (const { type } of events) {
    const name = type.replace(/^response\./, '');
    if (names.at(-1) !== name) names.push(name);
  }
  return names;
};

/** The items of a stream, one open at a time. */
class Items {
  readonly done: Fields[] = [];
  #open: Fields | undefined;
  #part: { readonly kind: string; text: string; annotations: Fields[]; isTold: boolean } | undefined;
  readonly #parts: Fields[] = [];

  take(event: ResponseEvent): void {
    const type = event.type.replace(/^response\./, '');
    assert.equal(event['output_index'], this.done.length, `items come one after the other: ${event.type}`);
    if (type === 'output_item.added') {
      this.#add(event['item'] as Fields);
      return;
    }
    const open = this.#open;
    assert.ok(open, `${type} belongs to an open item`);
    if (type === 'output_item.done') {
      this.#finish(open, event['item'] as Fields);
      return;
    }
    assert.equal(event['item_id'], open['id']);
    switch (open['type']) {
      case 'message':
        this.#fill(type, event, 'content_index', ['content_part', 'output_text', 'refusal']);
        break;
      case 'reasoning':
        this.#fill(type, event, 'summary_index', ['reasoning_summary_part', 'reasoning_summary_text']);
        break;
      case 'function_call':
        this.#argue(type, event, 'function_call_arguments', 'arguments');
        break;
      case 'custom_tool_call':
        this.#argue(type, event, 'custom_tool_call_input', 'input');
        break;
      case 'image_generation_call':
        assert.match(type, /^image_generation_call\.(?:in_progress|generating|completed)$/);
        break;
      case 'web_search_call':
        assert.match(type, /^web_search_call\.(?:in_progress|searching|completed)$/);
        break;
      default:
        assert.fail(`${type} in a ${String(open['type'])}`);
    }
  }

  checkAllDone(): void {
    assert.equal(this.#open, undefined, 'every item is done');
  }

  #add(item: Fields): void {
    assert.equal(this.#open, undefined, 'one item is open at a time');
    assert.ok(typeof item['id'] === 'string' && item['id'] !== '');
    this.#open = item;
    this.#parts.length = 0;
    if (item['type'] === 'compaction') return;
    assert.equal(item['status'], 'in_progress');
    if (item['type'] === 'message') assert.deepEqual(item['content'], []);
    if (item['type'] === 'reasoning') assert.deepEqual(item['summary'], []);
    if (item['type'] === 'function_call') assert.equal(item['arguments'], '');
    if (item['type'] === 'custom_tool_call') assert.equal(item['input'], '');
  }

  #fill(type: string, event: ResponseEvent, index: string, [part = '', ...texts]: readonly string[]): void {
    assert.equal(event[index], this.#parts.length, `parts come one after the other: ${type}`);
    const [kind, what] = splitLast(type);
    if (type === `${part}.added`) {
      assert.equal(this.#part, undefined, 'one part is open at a time');
      const added = event['part'] as Fields;
      this.#part = { kind: String(added['type']), text: '', annotations: [], isTold: false };
      return;
    }
    const open = this.#part;
    assert.ok(open, `${type} belongs to an open part`);
    if (type === `${part}.done`) {
      assert.ok(open.isTold, 'the whole text is told before its part is done');
      const done = event['part'] as Fields;
      assert.equal(done['text'] ?? done['refusal'], open.text);
      if (open.kind === 'output_text') assert.deepEqual(done['annotations'], open.annotations);
      this.#parts.push(done);
      this.#part = undefined;
    } else if (type === 'output_text.annotation.added') {
      assert.equal(event['annotation_index'], open.annotations.length);
      open.annotations.push(event['annotation'] as Fields);
    } else {
      assert.ok(texts.includes(kind), `${type} in a part of a message or a summary`);
      assert.equal(kind, KINDS[open.kind], `${type} in a part of the kind ${open.kind}`);
      assert.ok(!open.isTold, 'nothing follows the whole text');
      if (what === 'delta') {
        assert.ok(typeof event['delta'] === 'string' && event['delta'] !== '', 'a delta says something');
        open.text += event['delta'];
      } else {
        assert.equal(what, 'done');
        assert.equal(event['text'] ?? event['refusal'], open.text);
        open.isTold = true;
      }
    }
  }

  #argue(type: string, event: ResponseEvent, name: string, member: string): void {
    const { name: tool, namespace } = this.#open ?? {};
    if ('name' in event) assert.deepEqual([event['name'], event['namespace']], [tool, namespace]);
    if (type === `${name}.delta`) {
      this.#part ??= { kind: member, text: '', annotations: [], isTold: false };
      this.#part.text += String(event['delta']);
      return;
    }
    assert.equal(type, `${name}.done`);
    assert.equal(event[member], this.#part?.text ?? '');
    this.#parts.push({ [member]: event[member] });
    this.#part = undefined;
  }

  #finish(added: Fields, item: Fields): void {
    assert.equal(this.#part, undefined, 'every part is done');
    for (const key of ['id', 'type', 'call_id', 'name', 'namespace']) assert.deepEqual(item[key], added[key]);
    checkDone(item);
    if (item['type'] === 'message') assert.deepEqual(item['content'], this.#parts);
    if (item['type'] === 'reasoning') assert.deepEqual(item['summary'], this.#parts);
    for (const member of ['arguments', 'input']) {
      if (member in item) assert.deepEqual(this.#parts, [{ [member]: item[member] }]);
    }
    this.done.push(item);
    this.#open = undefined;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  output_text: 'output_text',
  refusal: 'refusal',
  summary_text: 'reasoning_summary_text',
};

const splitLast = (type: string): readonly [string, string] => {
  const at = type.lastIndexOf('.');
  return [type.slice(0, at), type.slice(at + 1)];
};

const checkDone = (item: Fields): void => {
  const { type, id, status } = item;
  assert.ok(typeof id === 'string' && id !== '', 'an item has an id');
  if (type !== 'compaction') assert.ok(status === 'completed' || status === 'incomplete', `status ${String(status)}`);
  switch (type) {
    case 'message': {
      assert.equal(item['role'], 'assistant');
      const [part, ...others] = item['content'] as readonly Fields[];
      assert.deepEqual(others, []);
      assert.ok(part?.['type'] === 'output_text' || part?.['type'] === 'refusal');
      return;
    }
    case 'function_call':
      JSON.parse(String(item['arguments']));
      assert.match(String(item['call_id']), /^[\w-]{1,40}$/);
      assert.ok(item['name']);
      return;
    case 'custom_tool_call':
      assert.equal(typeof item['input'], 'string');
      assert.match(String(item['call_id']), /^[\w-]{1,40}$/);
      assert.ok(item['name']);
      return;
    case 'reasoning':
      assert.ok(Array.isArray(item['summary']));
      assert.ok(!('encrypted_content' in item) || /^gts1\.[\w-]+$/.test(String(item['encrypted_content'])));
      return;
    case 'image_generation_call':
      assert.ok(typeof item['result'] === 'string' && item['result'] !== '');
      return;
    case 'web_search_call': {
      const { type: kind, query, queries, ...rest } = item['action'] as Fields;
      assert.equal(kind, 'search');
      assert.equal(typeof query, 'string');
      assert.ok(Array.isArray(queries) && queries.every((one) => typeof one === 'string'));
      assert.ok(Object.keys(rest).every((name) => name === 'sources'));
      return;
    }
    case 'compaction':
      assert.match(String(item['encrypted_content']), /^gtc1\.[\w-]+$/);
      return;
    default:
      assert.fail(`an item of the type ${String(type)}`);
  }
};
