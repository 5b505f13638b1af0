import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutAfter, stallAfter } from '../../src/simulator/faults.ts';
import { contextTooLong, perMinuteQuota } from '../../src/simulator/google-faults.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { checkFrames, openSocket, refusedHandshake, type ResponsesSocket } from '../support/responses-socket.ts';
import { quietNow } from '../support/machine.ts';

type Fields = Readonly<Record<string, unknown>>;

const MODEL = 'gemini-3-pro-preview';
const SAY = { model: MODEL, store: false, input: 'say exactly: Hello, you.' };

let relay: TestRelay;
const sockets: ResponsesSocket[] = [];
beforeAll(async () => {
  relay = await startRelay({ env: { MAX_BODY_BYTES: '200000' } });
});
afterAll(async () => {
  for (const { ws } of sockets) ws.terminate();
  await relay.close();
});

const authorized = () => ({ headers: { authorization: `Bearer ${relay.key}` } });
const open = async (path = '/v1/responses', headers: Record<string, string> = {}): Promise<ResponsesSocket> => {
  const socket = await openSocket(`${relay.url}${path}`, {
    headers: path.includes('key=') ? headers : { ...authorized().headers, ...headers },
  });
  sockets.push(socket);
  return socket;
};
const ask = async (socket: ResponsesSocket, request: object) => {
  socket.send(request);
  return checkFrames(await socket.answer());
};
const textOf = ({ response }: ReturnType<typeof checkFrames>): unknown =>
  response.output
    .flatMap((item) => (item['content'] as readonly Fields[] | undefined) ?? [])
    .map((part) => part['text'])[0];
const lines = (): Fields[] =>
  relay.logs.map((line) => JSON.parse(line) as Fields).filter(({ message }) => message === 'request');

describe('the WebSocket of Responses', () => {
  it.each(['/v1/responses', '/v1beta/openai/responses', '/responses/', '/v1/responses?key=KEY'])(
    'speaks the events of the stream, one a frame: %s',
    async (path) => {
      const checked = await ask(await open(path.replace('KEY', relay.key)), SAY);
      expect([checked.last, textOf(checked)]).toEqual(['response.completed', 'Hello, you.']);
      expect(checked.events[0]?.['headers']).toMatchObject({
        'x-request-id': expect.stringMatching(/^req_/) as string,
        'x-relay-upstream-model': MODEL,
      });
    },
  );

  it('tells what has no effect, with the first event', async () => {
    const checked = await ask(await open(), { ...SAY, moderation: { policy: 'x' } });
    expect(checked.events[0]?.['headers']).toMatchObject({ 'x-relay-ignored': 'moderation' });
  });

  it('answers a warm-up by itself, and goes on from it and from answers that nobody keeps', async () => {
    const socket = await open();
    const asked = relay.simulator.asked('generate').length;
    const warm = await ask(socket, { ...SAY, input: [{ role: 'user', content: 'My name is Ann.' }], generate: false });
    expect(warm.response.output).toEqual([]);
    expect(warm.response['usage']).toMatchObject({ input_tokens: 0, output_tokens: 0, total_tokens: 0 });
    expect(relay.simulator.asked('generate')).toHaveLength(asked);
    const first = await ask(socket, { ...SAY, previous_response_id: warm.response.id });
    const second = await ask(socket, { ...SAY, previous_response_id: first.response.id, input: 'And again.' });
    expect(second.response.status).toBe('completed');
    const { contents } = (relay.simulator.asked('generate').at(-1)?.body as { request: { contents: Fields[] } })
      .request;
    expect(contents.map(({ role }) => role)).toEqual(['user', 'model', 'user']);
    expect(JSON.stringify(contents[0])).toContain('My name is Ann.');

    // Nobody else's, and gone with the socket.
    const other = await open();
    other.send({ ...SAY, previous_response_id: first.response.id });
    expect(await other.next()).toMatchObject({
      type: 'error',
      status: 400,
      error: { code: 'previous_response_not_found', param: 'previous_response_id' },
    });
    expect((await relay.fetch(`/v1/responses/${first.response.id}`)).status).toBe(404);
    // The socket serves on after an error.
    expect((await ask(other, SAY)).last).toBe('response.completed');
  });

  it('keeps what is stored for all sockets and HTTP alike', async () => {
    const first = await ask(await open(), { ...SAY, store: true });
    expect((await relay.fetch(`/v1/responses/${first.response.id}`)).status).toBe(200);
    const second = await ask(await open(), { ...SAY, previous_response_id: first.response.id });
    expect(second.response.status).toBe('completed');
  });

  it('takes requests in turn, and reads no further where many wait', async () => {
    const socket = await open();
    for (let at = 0; at < 12; at += 1) socket.send({ ...SAY, input: `say exactly: ${at}` });
    const said: unknown[] = [];
    for (let at = 0; at < 12; at += 1) said.push(textOf(checkFrames(await socket.answer())));
    expect(said).toEqual(Array.from({ length: 12 }, (_, at) => String(at)));
  });

  it('says errors as frames with status and what clients decide on', async () => {
    const socket = await open();
    for (const [request, expected] of [
      ['{', { status: 400 }],
      ['[]', { status: 400 }],
      [Buffer.from([0xff, 0xfe]), { status: 400 }],
      ['{"type":"response.steer"}', { status: 400, error: { param: 'type' } }],
      ['{"model":"x"}', { status: 400, error: { param: 'type' } }],
      [
        { ...SAY, model: 'nothing-like-it' },
        { status: 404, error: { code: 'model_not_found' } },
      ],
      [
        { ...SAY, stream_id: 'a' },
        { status: 400, error: { param: 'stream_id' } },
      ],
      [
        { ...SAY, generate: 'no' },
        { status: 400, error: { param: 'generate' } },
      ],
      [
        { ...SAY, background: true },
        { status: 400, error: { param: 'background' } },
      ],
    ] as const) {
      socket.send(request);
      expect(await socket.next()).toMatchObject({ type: 'error', ...expected });
    }
    relay.simulator.next('generate', perMinuteQuota({ retryDelay: '30s' }), contextTooLong());
    socket.send(SAY);
    expect(await socket.next()).toMatchObject({
      type: 'error',
      status: 429,
      error: { code: 'rate_limit_exceeded', message: expect.stringContaining('try again in 30s') as string },
      headers: { 'retry-after': '30' },
    });
    socket.send(SAY);
    expect(await socket.next()).toMatchObject({ type: 'error', error: { code: 'context_length_exceeded' } });
  });

  it('ends a stream that broke without a sign of success', async () => {
    const socket = await open();
    relay.simulator.next('generate', cutAfter(1));
    socket.send(SAY);
    const frames = await socket.answer();
    expect(frames.at(-1)).toMatchObject({ type: 'response.failed' });
    expect((await ask(socket, SAY)).last).toBe('response.completed');
  });

  it('writes a line for each request, and one for the handshake', async () => {
    const before = lines().length;
    const socket = await open('/v1/responses', { 'x-request-id': 'mine' });
    await ask(socket, SAY);
    await ask(socket, SAY);
    await expect.poll(() => lines().length).toBe(before + 3);
    const [handshake, first, second] = lines().slice(before);
    expect(handshake).toMatchObject({ requestId: 'mine', method: 'GET', status: 101, route: '/v1/responses' });
    expect(first).toMatchObject({ method: 'POST', status: 200, route: '/v1/responses', model: MODEL, stream: true });
    expect(first?.['outputTokens']).toBeGreaterThan(0);
    expect(new Set([first?.['requestId'], second?.['requestId'], 'mine']).size).toBe(3);
  });

  it('stops the answer of a client that leaves', async () => {
    const socket = await open();
    const before = lines().length;
    relay.simulator.next('generate', stallAfter(1));
    socket.send(SAY);
    await socket.next();
    socket.ws.terminate();
    await expect.poll(() => lines().slice(before)).toMatchObject([{ status: 499 }]);
  });

  it('closes where a message is longer than a body may be', async () => {
    const socket = await open();
    socket.send({ ...SAY, input: 'x'.repeat(300_000) });
    expect((await socket.closed)[0]).toBe(1009);
  });

  it('reads messages in many pieces, with pings among them', async () => {
    const socket = await open();
    const text = JSON.stringify({ type: 'response.create', ...SAY });
    for (let at = 0; at < text.length; at += 1) {
      socket.ws.send(text.slice(at, at + 1), { fin: at === text.length - 1 });
      if (at % 10 === 0) socket.ws.ping('there?');
    }
    expect(checkFrames(await socket.answer()).last).toBe('response.completed');
  });
});

describe('the handshake', () => {
  it('agrees on no compression of messages, and a message that is compressed ends the socket', async () => {
    const { ws, closed } = await open();
    // The client offers it, as nearly all do.
    expect(ws.extensions).toBe('');
    (Reflect.get(ws, '_socket') as NodeJS.WritableStream).write(Buffer.from([0xc1, 0x82, 0, 0, 0, 0, 1, 2]));
    expect((await closed)[0]).toBe(1002);
  });

  it('needs a key, in words of HTTP', async () => {
    const refused = await refusedHandshake(`${relay.url}/v1/responses`);
    expect([refused.status, refused.body]).toMatchObject([401, { error: { code: 'invalid_api_key' } }]);
    expect(refused.headers['x-request-id']).toMatch(/^req_/);
    const wrong = await refusedHandshake(`${relay.url}/v1/responses`, { headers: { authorization: 'Bearer no' } });
    expect(wrong.status).toBe(401);
  });

  it.each(['/v1/chat/completions', '/v1/responses/resp_1', '/v1/realtime', '/', '/v1beta/models', '/livez'])(
    'is for responses alone: %s',
    async (path) => {
      const refused = await refusedHandshake(`${relay.url}${path}`, authorized());
      expect([refused.status, refused.headers['upgrade']]).toEqual([426, undefined]);
    },
  );

  it('that is none gets a 400, and a GET without it a 405', async () => {
    const bare = await relay.fetch('/v1/responses');
    expect([bare.status, bare.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('from a page follows the rule of CORS', async () => {
    const strict = await startRelay({ env: { CORS_ORIGIN: 'https://mine.example' } });
    try {
      const url = `${strict.url}/v1/responses`;
      const headers = { authorization: `Bearer ${strict.key}` };
      const refused = await refusedHandshake(url, { headers: { ...headers, origin: 'https://other.example' } });
      expect([refused.status, refused.body]).toMatchObject([403, { error: { code: 'origin_not_allowed' } }]);
      for (const origin of ['https://mine.example', strict.url]) {
        const socket = await openSocket(url, { headers: { ...headers, origin } });
        socket.ws.close();
        await socket.closed;
      }
    } finally {
      await strict.close();
    }
  });
});

describe('shutdown', () => {
  it('closes idle sockets at once and busy ones when they are done, as going away', async () => {
    const own = await startRelay();
    const headers = { authorization: `Bearer ${own.key}` };
    const [idle, busy] = await Promise.all([0, 1].map(() => openSocket(`${own.url}/v1/responses`, { headers })));
    busy?.send({ ...SAY, input: 'count slowly to 40' });
    await busy?.next();
    const closing = own.relay.close(5000);
    expect((await idle?.closed)?.[0]).toBe(1001);
    expect((await busy?.answer())?.at(-1)).toMatchObject({ type: 'response.completed' });
    expect((await busy?.closed)?.[0]).toBe(1001);
    await closing;
    await own.simulator.close();
  });

  it('waits for nobody longer than its time', async () => {
    const own = await startRelay();
    const headers = { authorization: `Bearer ${own.key}` };
    const socket = await openSocket(`${own.url}/v1/responses`, { headers });
    own.simulator.next('generate', stallAfter(1));
    socket.send(SAY);
    await socket.next();
    const begun = quietNow();
    await own.close();
    expect(quietNow() - begun).toBeLessThan(3000);
    await expect(socket.answer()).resolves.toContainEqual(expect.objectContaining({ type: 'response.failed' }));
  });
});
