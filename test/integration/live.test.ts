/** Sessions of the Live API: whose they are, where they go, how they end, and that nothing said on them stops the rest. */
import { once } from 'node:events';
import WebSocket from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newApiKey, newProject } from '../../src/simulator/api-keys.ts';
import { createSystem } from '../../src/system.ts';
import { databaseOf, newKeyAt, runKeys } from '../keys/people.ts';
import { quietNow } from '../support/machine.ts';
import { LIVE_ADDRESS, LIVE_MODEL, openLive } from '../support/live-socket.ts';
import type { LiveSocket } from '../support/live-socket.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { refusedHandshake } from '../support/responses-socket.ts';
import { eventually } from '../support/eventually.ts';

type Fields = Readonly<Record<string, unknown>>;

const FIRST = `AIza${'Simulated'.repeat(4).slice(0, 35)}`;
const SECOND = 'AIzaSecondKeyOfTheTests0123456789abcdef';
const RESUMING = { sessionResumption: {} };

let relay: TestRelay;
const sockets: LiveSocket[] = [];
beforeAll(async () => {
  relay = await startRelay({
    door: 'none',
    env: {
      DATABASE_URL: undefined,
      UPSTREAM: 'gemini-api',
      GEMINI_API_KEYS: `one=${FIRST},two=${SECOND}`,
      CORS_ORIGIN: 'https://good.example',
      MODEL_ALIASES: `my-voice=${LIVE_MODEL}`,
    },
  });
  relay.simulator.apiKeys.set(SECOND, newApiKey(newProject('second-project')));
});
afterAll(() => relay.close());
afterEach(async () => {
  for (const { ws } of sockets.splice(0)) ws.terminate();
  relay.simulator.reset();
  relay.simulator.apiKeys.set(SECOND, newApiKey(newProject('second-project')));
  const { control } = relay.relay.parts.door;
  for (const { id } of control.states()) control.reset(id);
  await eventually(() => {
    expect(relay.simulator.live.sessions.every(({ ws }) => ws.readyState === WebSocket.CLOSED)).toBe(true);
  });
});

const open = async (key = relay.key, headers: Record<string, string> = {}): Promise<LiveSocket> => {
  const socket = await openLive(relay.url, key, { headers });
  sockets.push(socket);
  return socket;
};
const begun = async (key = relay.key, more: object = {}, headers: Record<string, string> = {}): Promise<LiveSocket> => {
  const socket = await open(key, headers);
  await socket.setUp(more);
  return socket;
};
const newKey = async (...options: readonly string[]): Promise<string> => (await newKeyAt(relay, ...options)).secret;
const lines = (): Fields[] =>
  relay.logs.map((line) => JSON.parse(line) as Fields).filter(({ route }) => route === LIVE_ADDRESS);
const lineOf = async ({ headers }: LiveSocket): Promise<Fields> =>
  eventually(() => {
    const found = lines().find(({ requestId }) => requestId === headers['x-request-id']);
    if (!found) throw new Error('no line so far');
    return found;
  });
const googles = () => relay.simulator.live.sessions.at(-1);

describe('a session', () => {
  test.each([
    ['?key=', ''],
    ['', 'x-goog-api-key'],
    ['', 'authorization'],
  ])('is opened with a key in the query (%s) or a header (%s), and Google gets its own', async (query, header) => {
    const value = header === 'authorization' ? `Bearer ${relay.key}` : relay.key;
    const ws = new WebSocket(
      `${relay.url.replace(/^http/, 'ws')}${LIVE_ADDRESS}${query === '' ? '' : query + relay.key}`,
      { headers: header === '' ? {} : { [header]: value } },
    );
    await once(ws, 'open');
    ws.terminate();
    const asked = relay.simulator.asked('bidiGenerateContent').at(-1);
    expect(asked?.headers['x-goog-api-key']).toBeOneOf([FIRST, SECOND]);
    expect(JSON.stringify(asked?.headers)).not.toContain(relay.key);
    expect(relay.simulator.leaks()).toEqual([]);
  });

  test('is one line of the log, at its end, with its door and all that was used', async () => {
    const socket = await begun();
    expect(socket.headers['x-relay-door']).toMatch(/^gemini-api/);
    await socket.ask('say exactly: one two three');
    await socket.ask('say exactly: four');
    expect(lines().some(({ requestId }) => requestId === socket.headers['x-request-id'])).toBe(false);
    socket.ws.close(1000, 'thank you');
    const used = socket.heard.flatMap(({ usageMetadata }) => (usageMetadata ? [usageMetadata as Fields] : []));
    const sum = (name: string): number => used.reduce((all, one) => all + Number(one[name]), 0);
    expect(await lineOf(socket)).toMatchObject({
      status: 101,
      model: LIVE_MODEL,
      door: socket.headers['x-relay-door'],
      stream: true,
      promptTokens: sum('promptTokenCount'),
      outputTokens: sum('responseTokenCount'),
    });
    await eventually(() => {
      expect(googles()?.ws.readyState).toBe(WebSocket.CLOSED);
    });
  });

  test('of an alias is one of the model that it stands for', async () => {
    const socket = await open();
    socket.send({ setup: { model: 'models/my-voice', generationConfig: { responseModalities: ['TEXT'] } } });
    await socket.until('setupComplete');
    expect(googles()?.setup).toMatchObject({ model: `models/${LIVE_MODEL}` });
  });

  test('is refused before it opens over Code Assist alone', async () => {
    const other = await startRelay();
    try {
      const { status, body } = await refusedHandshake(`${other.url}${LIVE_ADDRESS}?key=${other.key}`);
      expect(status).toBe(400);
      expect(JSON.stringify(body)).toContain('GEMINI_API_KEY');
    } finally {
      await other.close();
    }
  });

  test('of pages that CORS_ORIGIN does not name is refused', async () => {
    const { status } = await refusedHandshake(`${relay.url}${LIVE_ADDRESS}?key=${relay.key}`, {
      headers: { origin: 'https://evil.example' },
    });
    expect(status).toBe(403);
  });
});

describe('doors', () => {
  const KEYS_REFUSED = { code: 1007, reason: 'API key not valid. Please pass a valid API key.' };
  const OVER_QUOTA = {
    code: 1011,
    reason: 'You exceeded your current quota, please check your plan and billing details.',
  };
  const UNAVAILABLE = {
    status: 503,
    body: { error: { code: 503, message: 'The service is currently unavailable.', status: 'UNAVAILABLE' } },
  };

  test.each([
    ['a key that Google refuses', KEYS_REFUSED],
    ['a quota', OVER_QUOTA],
    ['a handshake that is refused', UNAVAILABLE],
    ['a line that breaks', { code: 1001, reason: '' }],
  ])('another one takes the session: %s', async (_what, fault) => {
    relay.simulator.live.next(fault);
    const socket = await begun();
    expect(await socket.ask('say exactly: here')).toContain('here');
    socket.ws.close();
    expect(await lineOf(socket)).toMatchObject({ failovers: 1, status: 101 });
  });

  test('where none takes it, the client is told what the relay would say over HTTP, and never that its key is wrong', async () => {
    relay.simulator.live.next(KEYS_REFUSED, KEYS_REFUSED);
    const socket = await open();
    socket.send({ setup: { model: `models/${LIVE_MODEL}` } });
    const [code, reason] = await socket.closed;
    expect(code).toBe(1011);
    expect(reason).toMatch(/Google refuses the API key of the relay/);
    expect(await lineOf(socket)).toMatchObject({ error: 'config_error' });
    const { status } = await refusedHandshake(`${relay.url}${LIVE_ADDRESS}?key=${relay.key}`);
    expect(status).toBe(503);
  });

  test('what Google says of the setup goes to the client, with its code', async () => {
    const socket = await open();
    socket.send({ setup: { model: `models/${LIVE_MODEL}`, nonsense: true } });
    expect(await socket.closed).toEqual([1007, expect.stringContaining('nonsense')]);
    const other = await open();
    other.send({ setup: { model: 'models/gemini-9-live' } });
    expect(await other.closed).toEqual([1008, expect.stringContaining('gemini-9-live is not found')]);
  });
});

describe('keys of clients', () => {
  test('a session is taken up by whom it belongs to alone, and at its door', async () => {
    const [ann, bob] = await Promise.all([newKey(), newKey()]);
    const first = await begun(ann, RESUMING, { 'session-id': 'a' });
    const { newHandle: handle } = (await first.until('sessionResumptionUpdate'))['sessionResumptionUpdate'] as Fields;
    first.ws.close();
    const stranger = await open(bob);
    stranger.send({ setup: { model: `models/${LIVE_MODEL}`, sessionResumption: { handle } } });
    expect(await stranger.closed).toEqual([1008, expect.stringContaining("There is no 'liveSessions/")]);
    // Whichever door the new one began at.
    for (const session of ['a', 'b', 'c', 'd']) {
      const again = await begun(ann, { sessionResumption: { handle } }, { 'session-id': session });
      expect(googles()?.project).toBe(relay.simulator.live.sessions[0]?.project);
      again.ws.close();
    }
  });

  test('files of others are not there, however they are written', async () => {
    const [ann, bob] = await Promise.all([newKey(), newKey()]);
    const uploaded = await fetch(`${relay.url}/upload/v1beta/files`, {
      method: 'POST',
      headers: { 'x-goog-api-key': ann, 'x-goog-upload-protocol': 'raw', 'content-type': 'text/plain' },
      body: 'Hello.',
    });
    const { file } = (await uploaded.json()) as { file: { uri: string } };
    const turn = (fileUri: string): object => ({
      clientContent: { turns: [{ role: 'user', parts: [{ fileData: { fileUri, mimeType: 'text/plain' } }] }] },
    });
    const own = await begun(ann);
    own.send(turn(file.uri));
    expect(await own.ask('say exactly: read')).toContain('read');
    const written = JSON.stringify(turn(file.uri));
    for (const message of [
      written,
      written.replace('files/', 'f\\u0069les/'),
      written.replace('"fileUri"', '"file\\u0055ri"'),
      written.replace('"fileUri":', '"fileUri":"https://example.com/x","fileUri":'),
    ]) {
      const stranger = await begun(bob);
      stranger.send(message);
      expect(await stranger.closed).toEqual([1008, expect.stringContaining("There is no 'files/")]);
      expect(JSON.stringify(googles()?.received)).not.toContain('fileUri');
    }
  });

  test('models, requests, tokens and places at a time are those of the key', async () => {
    const choosy = await open(await newKey('--models', 'gemini-2.5-*'));
    choosy.send({ setup: { model: `models/${LIVE_MODEL}` } });
    expect(await choosy.closed).toEqual([1008, expect.stringContaining('may not use the model')]);

    const lonely = await newKey('--concurrent', '1');
    const only = await begun(lonely);
    const second = await open(lonely);
    second.send({ setup: { model: `models/${LIVE_MODEL}` } });
    expect(await second.closed).toEqual([1011, expect.stringContaining('limit of 1')]);
    only.ws.close();
    await lineOf(only);
    await begun(lonely);

    const thrifty = await begun(await newKey('--tokens-per-day', '60'));
    for (let turn = 0; turn < 20 && thrifty.ws.readyState === WebSocket.OPEN; turn += 1) {
      await thrifty.ask('say exactly: some words that cost tokens').catch(() => undefined);
    }
    expect(await thrifty.closed).toEqual([1011, expect.stringContaining('has used its 60')]);
    expect(await lineOf(thrifty)).toMatchObject({ error: 'key_limit_exceeded' });
  });
});

test('R25: one caller gets half of all places, and another one still comes in', async () => {
  const [ann, bob] = await Promise.all([newKey(), newKey()]);
  const opened = await Promise.all(Array.from({ length: 256 }, () => open(ann)));
  const url = `${relay.url}${LIVE_ADDRESS}?key=`;
  const { status, body } = await refusedHandshake(url + ann);
  expect(status).toBe(503);
  expect(JSON.stringify(body)).toContain('256 are free, and this key has 256');
  expect(await (await begun(bob)).ask('say exactly: welcome')).toContain('welcome');
  opened[0]?.ws.close();
  await opened[0]?.closed;
  await eventually(async () => {
    await open(ann);
  });
}, 30_000);

test('a session that ends while Google takes the setup leaves no line to Google behind', async () => {
  const socket = await open(await newKey('--tokens-per-day', '60'));
  const google = googles();
  // Said before the setup, it is the first that is heard of this line: the limit ends what is only about to begin.
  google?.ws.send(JSON.stringify({ usageMetadata: { promptTokenCount: 90, totalTokenCount: 90 } }));
  socket.send({ setup: { model: `models/${LIVE_MODEL}` } });
  expect(await socket.closed).toEqual([1011, expect.stringContaining('limit')]);
  await eventually(() => {
    expect(google?.ws.readyState).toBe(WebSocket.CLOSED);
  });
});

describe('a key that lets nobody in any more', () => {
  test.each([
    ['disabled', 'is disabled. Ask the owner of this relay to enable it.'],
    ['removed', 'is there no more.'],
    ['expired', 'has expired. Ask the owner of this relay for more time.'],
    ['rotated', 'has a new secret, and this one has expired. Ask for the new one.'],
  ])(
    '%s: its session is closed within 2 s, by a code that is no call to come again, and Google hears of it',
    async (what, words) => {
      const { name, secret } = await newKeyAt(relay);
      const other = await begun(await newKey());
      const socket = await begun(secret);
      const { store } = relay.relay.parts;
      if (what === 'expired') {
        await store.write([
          { sql: 'UPDATE client_keys SET expires_at = 1 WHERE name = ?', values: [name] },
          { sql: 'UPDATE client_key_state SET keys_version = keys_version + 1' },
        ]);
      } else await runKeys(COMMANDS[what]?.(name) ?? [], databaseOf(relay));
      const since = quietNow();
      expect(await socket.closed).toEqual([1008, expect.stringContaining(words)]);
      expect(quietNow() - since).toBeLessThan(2500);
      expect(await lineOf(socket)).toMatchObject({
        error: /expired|rotated/.test(what) ? 'key_expired' : 'key_disabled',
      });
      await eventually(() => {
        expect(googles()?.ws.readyState).toBe(WebSocket.CLOSED);
      });
      expect(await other.ask('say exactly: still here')).toContain('still');
    },
  );
  const COMMANDS: Readonly<Record<string, (name: string) => readonly string[]>> = {
    disabled: (name) => ['disable', name],
    removed: (name) => ['remove', name],
    rotated: (name) => ['rotate', name, '--overlap', '0h'],
  };

  test('a secret that is still to end leaves its session open', async () => {
    const { name, secret } = await newKeyAt(relay);
    const socket = await begun(secret);
    await runKeys(['rotate', name, '--overlap', '1h'], databaseOf(relay));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await socket.ask('say exactly: still here')).toContain('still');
  });
});

describe('ends', () => {
  test.each([
    [4000, 'my own reason'],
    [1011, 'Internal error encountered.'],
    [1008, 'Requested entity was not found.'],
  ])('Google closes with %i in the middle: the client gets the same', async (code, reason) => {
    const socket = await begun();
    googles()?.ws.close(code, reason);
    expect(await socket.closed).toEqual([code, reason]);
    await lineOf(socket);
  });

  test('Google breaks off', async () => {
    const socket = await begun();
    googles()?.ws.terminate();
    expect(await socket.closed).toEqual([1011, 'Google broke off the connection.']);
  });

  test('the client closes with a code of its own, and vanishes', async () => {
    const polite = await begun();
    const heard = once(googles()?.ws ?? polite.ws, 'close');
    polite.ws.close(4123, 'mine');
    expect(await heard).toEqual([4123, Buffer.from('mine')]);
    const rude = await begun();
    const left = once(googles()?.ws ?? rude.ws, 'close');
    rude.ws.terminate();
    expect(await left).toEqual([1001, expect.anything()]);
    expect(await lineOf(rude)).toMatchObject({ status: 499 });
  });

  test('a relay that is shut down says so in time, and closes with 1001', async () => {
    const short = await startRelay({ door: 'gemini-api' });
    const [patient, prompt] = await Promise.all([1, 2].map(() => openLive(short.url, short.key)));
    if (!patient || !prompt) throw new Error('not open');
    await Promise.all([patient.setUp(), prompt.setUp()]);
    const idle = await openLive(short.url, short.key);
    const ending = short.relay.close(1500);
    expect(await idle.closed).toEqual([1001, 'The relay is shutting down.']);
    expect(await prompt.until('goAway')).toEqual({ goAway: { timeLeft: '1s' } });
    prompt.ws.close();
    expect(await patient.ask('say exactly: still here')).toContain('still');
    expect(await patient.closed).toEqual([1001, expect.stringContaining('shutting down')]);
    await ending;
    await short.simulator.close();
  });
});

describe('clocks', () => {
  /** A thousandth of an hour is three seconds and a half: all clocks of the relay go so many times as fast. */
  const FASTER = 200;
  let fast: TestRelay;
  beforeAll(async () => {
    const system = createSystem();
    fast = await startRelay({
      door: 'gemini-api',
      system: {
        ...system,
        monotonic: () => system.monotonic() * FASTER,
        sleep: (ms, signal) => system.sleep(ms / FASTER, signal),
      },
    });
  });
  afterAll(() => fast.close());

  test('without a setup it is over in half a minute', async () => {
    const socket = await openLive(fast.url, fast.key);
    expect(await socket.closed).toEqual([1008, 'No setup came within 30 s.']);
  });

  test('a setup that Google does not answer is over, too', async () => {
    fast.simulator.live.next('silent');
    const socket = await openLive(fast.url, fast.key);
    socket.send({ setup: { model: `models/${LIVE_MODEL}` } });
    expect(await socket.closed).toEqual([1011, expect.stringContaining('did not answer to the setup')]);
  });

  test('a client that answers to no ping is gone; one that does stays until nothing was said for long', async () => {
    fast.relay.parts.door.control.reset('gemini-api');
    const dead = await openLive(fast.url, fast.key, { autoPong: false });
    await dead.setUp();
    const quiet = await openLive(fast.url, fast.key);
    await quiet.setUp();
    expect((await dead.closed)[0]).toBe(1006);
    expect(quiet.ws.readyState).toBe(WebSocket.OPEN);
    expect(await quiet.closed).toEqual([1001, 'Nothing was said for 10 minutes.']);
  });
});

describe('hostile clients', () => {
  test.each([
    ['no JSON', '{', 1007],
    ['no object', '[1]', 1007],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00]), 1007],
    ['no setup', '{"clientContent":{}}', 1007],
    ['a setup with more', '{"setup":{"model":"x"},"clientContent":{}}', 1007],
    ['no model', '{"setup":{}}', 1007],
    ['a model that leads elsewhere', '{"setup":{"model":"../../x"}}', 1007],
    ['a model of the wrong type', '{"setup":{"model":{"a":1}}}', 1007],
    ['two spellings', `{"setup":{"model":"${LIVE_MODEL}","sessionResumption":{},"session_resumption":{}}}`, 1007],
    ['nested deeply', `{"setup":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 1007],
    ['more values than are read', `{"setup":{"model":"models/${LIVE_MODEL}","x":[${'{},'.repeat(60_000)}{}]}}`, 1007],
    ['nothing', '', 1007],
  ])('a first message with %s is refused: %#', async (_what, message, code) => {
    const socket = await open();
    socket.send(message);
    expect((await socket.closed)[0]).toBe(code);
    expect(await lineOf(socket)).toMatchObject({ error: expect.any(String) as string });
  });

  test('a second setup, and a message that only looks like JSON, end the session', async () => {
    for (const message of [
      { setup: { model: `models/${LIVE_MODEL}` } },
      "{clientContent:{turns:[{parts:[{fileData:{fileUri:'files/x'}}]}]}}",
    ]) {
      const socket = await begun();
      socket.send(message);
      expect((await socket.closed)[0]).toBe(1007);
      expect(googles()?.received).toHaveLength(1);
    }
  });

  test('frames that are too long, broken or no text end it, and it alone', async () => {
    const witness = await begun();
    const long = await begun();
    long.ws.send(Buffer.alloc(17 * 1024 * 1024));
    expect((await long.closed)[0]).toBe(1009);
    const raw = async (bytes: Buffer): Promise<number> => {
      const socket = await begun();
      (Reflect.get(socket.ws, '_socket') as NodeJS.WritableStream).write(bytes);
      return (await socket.closed)[0];
    };
    // Not masked; a reserved opcode; text that is no UTF-8; a control frame in pieces.
    expect(await raw(Buffer.from([0x81, 0x01, 0x41]))).toBe(1002);
    expect(await raw(Buffer.from([0x83, 0x80, 0, 0, 0, 0]))).toBe(1002);
    expect(await raw(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]))).toBe(1007);
    expect(await raw(Buffer.from([0x09, 0x80, 0, 0, 0, 0]))).toBe(1002);
    expect(await witness.ask('say exactly: fine')).toContain('fine');
  });

  test('messages in pieces and as bytes arrive whole and as what they were', async () => {
    const socket = await begun();
    const text = JSON.stringify({
      clientContent: { turns: [{ role: 'user', parts: [{ text: 'say exactly: größer' }] }], turnComplete: true },
    });
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 7) {
      socket.ws.send(bytes.subarray(at, at + 7), { binary: true, fin: at + 7 >= bytes.length });
    }
    await socket.until('usageMetadata');
    expect(JSON.stringify(socket.heard)).toContain('größer');
  });

  test('garbage of all kinds: each session ends or goes on, and the relay serves', async () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 1;
      return seed % below;
    };
    const good = Buffer.from(
      JSON.stringify({ realtimeInput: { audio: { data: 'AAAA', mimeType: 'audio/pcm;rate=16000' } } }),
    );
    for (let round = 0; round < 60; round += 1) {
      const socket = await (round % 2 === 0 ? open() : begun());
      for (let count = 0; count < 5; count += 1) {
        const bytes = Buffer.from(good);
        for (let change = 0; change < 3; change += 1) bytes[random(bytes.length)] = random(256);
        if (socket.ws.readyState === WebSocket.OPEN) socket.ws.send(bytes.subarray(0, random(bytes.length)));
      }
      socket.ws.close();
      await socket.closed;
    }
    expect(await (await begun()).ask('say exactly: well')).toContain('well');
    expect(relay.logs.filter((line) => line.includes('internal_error'))).toEqual([]);
  });
});

describe('R25: of messages that come in one read of a socket', () => {
  const COUNT = 500;
  /** Rounds of the event loop, in which everybody else has a turn. */
  const roundsOf = async (work: () => Promise<void>): Promise<number> => {
    let rounds = 0;
    let isOver = false;
    const count = (): void => {
      rounds += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    await work();
    isOver = true;
    return rounds;
  };
  const write = (ws: WebSocket | undefined, frame: Buffer): void => {
    (Reflect.get(ws ?? {}, '_socket') as NodeJS.WritableStream).write(
      Buffer.concat(Array.from({ length: COUNT }, () => frame)),
    );
  };

  test('of Google’s each has a round of its own', async () => {
    const socket = await begun();
    const rounds = await roundsOf(async () => {
      write(googles()?.ws, Buffer.from([0x81, 20, ...Buffer.from('{"serverContent":{}}')]));
      while (socket.heard.length <= COUNT) await once(socket.ws, 'message');
    });
    expect(rounds).toBeGreaterThanOrEqual(COUNT);
  });

  test('of a client’s, too', async () => {
    const socket = await begun();
    const google = googles();
    const rounds = await roundsOf(async () => {
      write(socket.ws, Buffer.from([0x81, 0x80 | 30, 0, 0, 0, 0, ...Buffer.from('{"realtimeInput":{"text":"a"}}')]));
      while ((google?.received.length ?? 0) <= COUNT) await new Promise(setImmediate);
    });
    expect(rounds).toBeGreaterThanOrEqual(COUNT);
  });
});

describe('memory', () => {
  const PIECE = 64 * 1024;
  const SENT = 160 * 1024 * 1024;
  const MOST = 64 * 1024 * 1024;

  const growth = async (work: () => Promise<void>): Promise<number> => {
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 20);
    await work();
    clearInterval(watch);
    return most - before;
  };

  test('Google that reads nothing holds up the client, and not the memory', async () => {
    const socket = await begun();
    const google = googles()?.ws;
    google?.pause();
    const piece = Buffer.from(`{"realtimeInput":{"audio":{"mimeType":"audio/pcm","data":"${'A'.repeat(PIECE)}"}}}`);
    let taken = 0;
    const grown = await growth(async () => {
      for (let sent = 0; sent < SENT; sent += PIECE) {
        if (socket.ws.bufferedAmount > 2 * PIECE) {
          const before = socket.ws.bufferedAmount;
          await new Promise((resolve) => setTimeout(resolve, 100));
          // Nothing is taken any more.
          if (socket.ws.bufferedAmount === before) break;
        }
        socket.ws.send(piece, () => (taken += PIECE));
      }
    });
    expect(taken).toBeLessThan(48 * 1024 * 1024);
    expect(grown).toBeLessThan(MOST);
    google?.resume();
    expect(await socket.ask('say exactly: done')).toContain('done');
  });

  test('a client that reads nothing holds up Google', async () => {
    const socket = await begun();
    const google = googles();
    if (!google) throw new Error('no session');
    socket.ws.pause();
    const piece = Buffer.from(`{"serverContent":{"modelTurn":{"parts":[{"text":"${'A'.repeat(PIECE)}"}]}}}`);
    let taken = 0;
    const grown = await growth(async () => {
      for (let sent = 0; sent < SENT; sent += PIECE) {
        if (google.ws.bufferedAmount > 2 * PIECE) {
          const before = google.ws.bufferedAmount;
          await new Promise((resolve) => setTimeout(resolve, 100));
          if (google.ws.bufferedAmount === before) break;
        }
        google.ws.send(piece, () => (taken += PIECE));
      }
    });
    expect(taken).toBeLessThan(48 * 1024 * 1024);
    expect(grown).toBeLessThan(MOST);
    socket.ws.resume();
    await eventually(() => {
      expect(google.ws.bufferedAmount).toBe(0);
    });
  });
});
