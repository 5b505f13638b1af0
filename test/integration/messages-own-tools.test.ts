/** Server tools of Messages beside functions, with models that take one or the other: the relay makes calls of its own. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as broken from '../../src/simulator/faults.ts';
import * as google from '../../src/simulator/google-faults.ts';
import { checkMessage, checkMessagesStream } from '../support/messages-stream-checker.ts';
import { startRelay, type DoorName, type TestRelay } from '../support/relay.ts';

type Json = Readonly<Record<string, unknown>>;

const AS_USUAL = broken.slowHeaders(0);
const SEARCH = { type: 'web_search_20250305', name: 'web_search' };
const FETCH = { type: 'web_fetch_20250910', name: 'web_fetch' };
const TIME = { name: 'get_time', input_schema: { type: 'object', properties: { zone: { type: 'string' } } } };
const call = (name: string, args: object): string => `call ${name} ${JSON.stringify(args)}`;
const ask = (content: string, more: object = {}): object => ({
  model: 'gemini-2.5-flash',
  max_tokens: 4096,
  messages: [{ role: 'user', content }],
  tools: [TIME, SEARCH, FETCH],
  ...more,
});

describe.each<DoorName>(['code-assist', 'gemini-api', 'vertex'])('through %s', (door) => {
  let relay: TestRelay;
  beforeAll(async () => {
    relay = await startRelay({ door, env: { MAX_RETRIES: '0' } });
  });
  afterEach(() => {
    relay.simulator.reset();
  });
  afterAll(() => relay.close());

  const sent = (): readonly Json[] =>
    relay.simulator.asked('generate').map(({ body }) => {
      const whole = body as Json;
      return (whole['request'] ?? whole) as Json;
    });

  /** The message, streamed or whole. */
  const answerOf = async (body: object, stream: boolean): Promise<Json & { readonly content: readonly Json[] }> => {
    const response = await relay.post('/v1/messages', { ...body, stream });
    expect(response.headers.get('x-relay-ignored')).toBeNull();
    const text = await response.text();
    expect(response.status, text).toBe(200);
    return stream ? checkMessagesStream(text).message : checkMessage(JSON.parse(text));
  };

  test.each([false, true])('what the model searches for is found, and it goes on (streamed: %s)', async (stream) => {
    const { content, stop_reason: reason, usage } = await answerOf(ask(call('web_search', { query: 'news' })), stream);
    expect(reason).toBe('end_turn');
    const types = content.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['server_tool_use', 'web_search_tool_result', 'text']));
    expect(content.find(({ type }) => type === 'server_tool_use')).toMatchObject({ input: { query: 'news' } });
    const pages = content.find(({ type }) => type === 'web_search_tool_result')?.['content'] as readonly Json[];
    expect(pages[0]).toMatchObject({ type: 'web_search_result', url: expect.stringMatching(/^https?:/) as string });
    expect(JSON.stringify(content)).toContain('The functions answered');
    const [first, search, last] = sent();
    expect(sent()).toHaveLength(3);
    expect(JSON.stringify(first?.['tools'])).not.toContain('googleSearch');
    expect(search).toMatchObject({ contents: [{ parts: [{ text: 'news' }] }], tools: [{ googleSearch: {} }] });
    expect(last?.['contents']).toMatchObject([
      { role: 'user' },
      { role: 'model', parts: [{ functionCall: { name: 'web_search', args: { query: 'news' } } }] },
      {
        role: 'user',
        parts: [{ functionResponse: { name: 'web_search', response: { output: expect.any(String) as string } } }],
      },
    ]);
    expect((usage as Json)['server_tool_use']).toEqual({ web_search_requests: 1, web_fetch_requests: 0 });
  });

  test('a page is read', async () => {
    const { content } = await answerOf(ask(call('web_fetch', { url: 'https://a.example/' })), false);
    expect(JSON.stringify(content)).toContain('The functions answered');
    expect(sent()[1]).toMatchObject({ tools: [{ urlContext: {} }] });
    expect(JSON.stringify(sent()[1]?.['contents'])).toContain('https://a.example/');
  });

  test('a function of the client is its own', async () => {
    const { content, stop_reason: reason } = await answerOf(ask(call('get_time', { zone: 'Oslo' })), true);
    expect([reason, content.map(({ type }) => type)]).toEqual(['tool_use', ['tool_use']]);
    expect(sent()).toHaveLength(1);
  });

  test('a search that fails is told to the model, which answers all the same', async () => {
    relay.simulator.next('generate', AS_USUAL, google.contextTooLong());
    const { content } = await answerOf(ask(call('web_search', { query: 'news' })), true);
    expect(content.map(({ type }) => type)).toEqual(['text']);
    const answers = JSON.stringify(sent()[2]?.['contents']);
    expect(answers).toContain('"error"');
  });

  test('a client that leaves takes the search along', async () => {
    relay.simulator.next('generate', AS_USUAL, broken.stallBeforeHeaders());
    const client = new AbortController();
    const body = ask(call('web_search', { query: 'news' }), { stream: true });
    const response = await relay.post('/v1/messages', body, { signal: client.signal });
    await relay.simulator.until(() => relay.simulator.asked('generate').length === 2);
    client.abort();
    await expect(response.text()).rejects.toThrow();
    await relay.simulator.until(() => relay.simulator.asked('generate')[1]?.aborted === true);
    expect(relay.simulator.asked('generate')).toHaveLength(2);
  });

  test('a stream that breaks in a later round is no whole answer', async () => {
    relay.simulator.next('generate', AS_USUAL, AS_USUAL, broken.cutAfter(1));
    const response = await relay.post('/v1/messages', ask(call('web_search', { query: 'news' }), { stream: true }));
    const text = await response.text();
    expect(text).toContain('event: error');
    expect(text).not.toContain('message_stop');
  });
});
