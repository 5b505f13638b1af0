/**
 * Reads a stream of the Messages API as the strictest of clients would, and throws at whatever one of them could stumble
 * over: which event may follow which, what each must hold, and what blocks are made of. Gives the message it tells.
 */
import assert from 'node:assert/strict';

type Fields = Readonly<Record<string, unknown>>;

export interface MessageEvent extends Fields {
  readonly type: string;
}

export interface CheckedMessage extends Fields {
  readonly id: string;
  readonly model: string;
  readonly content: readonly Fields[];
  readonly stop_reason: string;
  readonly usage: Fields;
}

export interface CheckedMessageStream {
  readonly events: readonly MessageEvent[];
  /** Their types in order, repetitions as one. */
  readonly order: readonly string[];
  /** As the events tell it, together; what has come until then, where the stream broke. */
  readonly message: CheckedMessage;
  /** Of the event `error`, which is the last one. */
  readonly error: Fields | undefined;
  readonly pings: number;
}

const STOP_REASONS = new Set(['end_turn', 'tool_use', 'max_tokens', 'stop_sequence', 'refusal']);

export const checkMessagesStream = (text: string): CheckedMessageStream => {
  const events = splitEvents(text);
  const told = new Told();
  for (const event of events) told.take(event);
  const pings = events.filter(({ type }) => type === 'ping').length;
  const order = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
  return { events, order, pings, error: told.error, message: told.message() };
};

/** A whole message, by the same rules. */
export const checkMessage = (given: unknown): CheckedMessage => {
  const message = given as CheckedMessage;
  checkHead(message);
  assert.ok(message.content.length > 0, 'a message has a block');
  for (const block of message.content) checkBlock(block);
  checkEnding(message, message.content);
  checkUsage(message.usage, OF_MESSAGE);
  return message;
};

const splitEvents = (text: string): readonly MessageEvent[] => {
  assert.ok(text.endsWith('\n\n'), 'the last event ends with an empty line');
  assert.ok(!text.includes('\r'), 'plain line ends');
  return text.slice(0, -2).split('\n\n').map(parseEvent);
};

const parseEvent = (block: string): MessageEvent => {
  const [name = '', data = '', ...more] = block.split('\n');
  assert.deepEqual(more, [], `two lines in an event: ${block}`);
  assert.ok(data.startsWith('data: {'), data);
  const event = JSON.parse(data.slice('data: '.length)) as MessageEvent;
  assert.equal(name, `event: ${event.type}`, 'each event is named by its type');
  return event;
};

/** What the events have told so far. */
class Told {
  #head: Fields | undefined;
  #ending: Fields | undefined;
  #usage: Fields = {};
  #isOver = false;
  #open: { readonly block: Fields; text: string; signature: string | undefined; citations: Fields[] } | undefined;
  readonly #blocks: Fields[] = [];
  error: Fields | undefined;

  take(event: MessageEvent): void {
    assert.ok(!this.#isOver, `nothing follows the end: ${event.type}`);
    if (event.type === 'error') {
      this.error = errorIn(event);
      this.#isOver = true;
      return;
    }
    assert.ok(this.#head !== undefined || event.type === 'message_start', `${event.type} before message_start`);
    switch (event.type) {
      case 'message_start':
        this.#start(event['message'] as CheckedMessage);
        break;
      case 'ping':
        assert.deepEqual(Object.keys(event), ['type']);
        break;
      case 'content_block_start':
        this.#begin(event);
        break;
      case 'content_block_delta':
        this.#grow(event);
        break;
      case 'content_block_stop':
        this.#finish(event);
        break;
      case 'message_delta':
        this.#close(event);
        break;
      case 'message_stop':
        assert.ok(this.#ending, 'message_delta comes before message_stop');
        this.#isOver = true;
        break;
      default:
        assert.fail(`an event of the type ${event.type}`);
    }
  }

  message(): CheckedMessage {
    assert.ok(this.#isOver, 'a stream ends with message_stop or with an error');
    const message = {
      ...this.#head,
      content: this.#blocks,
      ...this.#ending,
      usage: this.#usage,
    } as Fields as CheckedMessage;
    return this.error ? message : checkMessage(message);
  }

  #start(message: CheckedMessage): void {
    assert.equal(this.#head, undefined, 'a message begins once');
    checkHead(message);
    assert.deepEqual(message.content, []);
    assert.equal(message.stop_reason, null);
    assert.equal(message['stop_sequence'], null);
    assert.equal(message['stop_details'], null);
    checkUsage(message.usage, OF_MESSAGE);
    assert.equal(message.usage['server_tool_use'], null);
    this.#head = message;
    this.#usage = message.usage;
  }

  #begin(event: MessageEvent): void {
    assert.equal(this.#open, undefined, 'one block is open at a time');
    assert.equal(this.#ending, undefined, 'no block after message_delta');
    assert.equal(event['index'], this.#blocks.length, 'blocks are numbered without a gap');
    const block = event['content_block'] as Fields;
    const { type } = block;
    if (type === 'text') assert.deepEqual(block, { type, text: '' });
    else if (type === 'thinking') assert.deepEqual(block, { type, thinking: '', signature: '' });
    else if (type === 'tool_use') assert.deepEqual(block['input'], {});
    else checkBlock(block);
    this.#open = { block, text: '', signature: undefined, citations: [] };
  }

  #grow(event: MessageEvent): void {
    const open = this.#open;
    assert.ok(open, 'a delta belongs to an open block');
    assert.equal(event['index'], this.#blocks.length);
    const delta = event['delta'] as Fields;
    assert.equal(DELTAS[String(delta['type'])], open.block['type'], `${String(delta['type'])} in its kind of block`);
    switch (delta['type']) {
      case 'signature_delta':
        // The SDK puts each one in the place of the one before.
        assert.equal(open.signature, undefined, 'a signature comes once and whole');
        open.signature = String(delta['signature']);
        break;
      case 'citations_delta':
        open.citations.push(delta['citation'] as Fields);
        break;
      default: {
        assert.equal(open.signature, undefined, 'the signature is the last of a thinking block');
        const said = delta['text'] ?? delta['thinking'] ?? delta['partial_json'];
        assert.ok(typeof said === 'string' && said !== '', 'a delta says something');
        open.text += said;
      }
    }
  }

  #finish(event: MessageEvent): void {
    const open = this.#open;
    assert.ok(open, 'what is stopped was open');
    assert.equal(event['index'], this.#blocks.length);
    const { block, text, signature, citations } = open;
    switch (block['type']) {
      case 'text':
        this.#blocks.push({ ...block, text, ...(citations.length > 0 && { citations }) });
        break;
      case 'thinking':
        this.#blocks.push({ ...block, thinking: text, signature });
        break;
      case 'tool_use':
        this.#blocks.push({ ...block, input: JSON.parse(text) as unknown });
        break;
      default:
        this.#blocks.push(block);
    }
    this.#open = undefined;
  }

  #close(event: MessageEvent): void {
    assert.equal(this.#open, undefined, 'each block is stopped before message_delta');
    assert.equal(this.#ending, undefined, 'message_delta comes once');
    assert.deepEqual(Object.keys(event).sort(), ['delta', 'type', 'usage']);
    this.#ending = event['delta'] as Fields;
    assert.deepEqual(Object.keys(this.#ending).sort(), ['container', 'stop_details', 'stop_reason', 'stop_sequence']);
    checkUsage(event['usage'] as Fields, COUNTS);
    // As the SDK keeps it: the counts anew, all else as the message began.
    this.#usage = { ...this.#usage, ...(event['usage'] as Fields) };
  }
}

const DELTAS: Readonly<Record<string, string>> = {
  text_delta: 'text',
  citations_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'thinking',
  input_json_delta: 'tool_use',
};

const checkHead = (message: CheckedMessage): void => {
  assert.match(message.id, /^msg_\w{20,}$/);
  assert.equal(message['type'], 'message');
  assert.equal(message['role'], 'assistant');
  for (const name of ['container', 'diagnostics']) assert.equal(message[name], null, name);
  assert.ok(typeof message.model === 'string' && message.model !== '');
};

const checkBlock = (block: Fields): void => {
  const { type } = block;
  switch (type) {
    case 'text':
      assert.equal(typeof block['text'], 'string');
      return;
    case 'thinking':
      assert.equal(typeof block['thinking'], 'string');
      assert.match(String(block['signature']), /^gts1\.[\w-]+$/);
      return;
    case 'tool_use':
      assert.match(String(block['id']), /^[\w-]{1,64}$/);
      assert.ok(typeof block['name'] === 'string' && block['name'] !== '');
      assert.ok(typeof block['input'] === 'object' && block['input'] !== null && !Array.isArray(block['input']));
      return;
    case 'server_tool_use':
      assert.match(String(block['id']), /^srvtoolu_\w+$/);
      assert.equal(typeof (block['input'] as Fields)['query'], 'string');
      assert.deepEqual(block['caller'], { type: 'direct' });
      return;
    case 'web_search_tool_result':
      assert.deepEqual(block['caller'], { type: 'direct' });
      for (const found of block['content'] as readonly Fields[]) {
        assert.equal(found['type'], 'web_search_result');
        for (const name of ['url', 'title', 'encrypted_content']) assert.equal(typeof found[name], 'string');
      }
      return;
    default:
      assert.fail(`a block of the type ${String(type)}`);
  }
};

const checkEnding = (message: CheckedMessage, blocks: readonly Fields[]): void => {
  const { stop_reason: reason } = message;
  assert.ok(STOP_REASONS.has(reason), `stop_reason ${reason}`);
  assert.equal(typeof message['stop_sequence'], reason === 'stop_sequence' ? 'string' : 'object');
  assert.equal(message['stop_details'] === null, reason !== 'refusal', 'only a refusal has details');
  if (reason === 'tool_use') assert.ok(blocks.some(({ type }) => type === 'tool_use'));
  const ids = blocks.flatMap(({ id }) => (id === undefined ? [] : [id]));
  assert.equal(new Set(ids).size, ids.length, 'ids of calls are unique');
};

/** The members of the SDK's `MessageDeltaUsage`, and those that its `Usage` has beside them. */
const COUNTS = [
  ...['cache_creation_input_tokens', 'cache_read_input_tokens', 'input_tokens', 'output_tokens'],
  ...['output_tokens_details', 'server_tool_use'],
];
const OF_MESSAGE = [...COUNTS, 'cache_creation', 'inference_geo', 'service_tier', 'speed'];

const checkUsage = (usage: Fields, names: readonly string[]): void => {
  assert.deepEqual(Object.keys(usage).sort(), [...names].sort());
  for (const name of COUNTS.slice(0, 4)) assert.ok(Number.isInteger(usage[name]), `${name} is a whole number`);
  const { thinking_tokens: thinking, ...others } = usage['output_tokens_details'] as Fields;
  assert.deepEqual(others, {});
  assert.ok(Number.isInteger(thinking) && Number(thinking) <= Number(usage['output_tokens']), 'thoughts are output');
  const ofServer = usage['server_tool_use'] as Fields | null;
  if (ofServer !== null) assert.ok(Number.isInteger(ofServer['web_search_requests']));
};

const errorIn = (event: MessageEvent): Fields => {
  const error = event['error'] as Fields;
  assert.ok(typeof error['type'] === 'string' && typeof error['message'] === 'string');
  assert.equal(typeof event['request_id'], 'string');
  return error;
};
