/** Section 4 of the promises, as both families of clients see it. The table of tries is in test/integration. */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import * as faults from '../../src/simulator/faults.ts';
import * as google from '../../src/simulator/google-faults.ts';
import * as scripted from '../../src/simulator/scripted.ts';
import { startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';
import { FAMILIES, ask, checkEnvelope, createQuickSystem, errorOf } from './support.ts';
import type { Family } from './support.ts';
import { quietNow } from '../support/machine.ts';

const opened: TestRelay[] = [];
const open = async (options?: StartOptions): Promise<TestRelay> => {
  const relay = await startRelay(options);
  opened.push(relay);
  return relay;
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((relay) => relay.close()));
});

const asked = (relay: TestRelay): number => relay.simulator.asked('generate').length;

/** All of an answer that may end in a broken connection. */
const readAll = async (response: Response): Promise<{ text: string; broken: boolean }> => {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body ?? []) text += decoder.decode(piece as Uint8Array, { stream: true });
    return { text, broken: false };
  } catch {
    return { text, broken: true };
  }
};

const both = <T>(rows: readonly (readonly [string, T])[]): [string, Family, T][] =>
  rows.flatMap(([name, value]) => FAMILIES.map((family): [string, Family, T] => [name, family, value]));

describe('section 4: what fails before the first byte is a status', () => {
  const ROWS: readonly (readonly [string, { fault: Fault; tries: number; status: number }])[] = [
    ['reset before the head', { fault: faults.resetBeforeHeaders(), tries: 2, status: 502 }],
    ['500', { fault: google.serverError(500), tries: 3, status: 500 }],
    ['502', { fault: google.serverError(502), tries: 3, status: 502 }],
    ['503', { fault: google.serverError(503), tries: 3, status: 503 }],
    ['504', { fault: google.serverError(504), tries: 3, status: 504 }],
    ['408', { fault: google.serverError(408), tries: 3, status: 504 }],
    ['429 with a short delay', { fault: google.rateLimited(), tries: 3, status: 429 }],
    ['429 for the day', { fault: google.dailyQuota(), tries: 1, status: 429 }],
    ['429 without a hint', { fault: google.withoutHint(), tries: 2, status: 429 }],
    ['400', { fault: faults.failing({ code: 400, message: 'No.' }), tries: 1, status: 400 }],
    ['404', { fault: faults.failing({ code: 404, message: 'No.' }), tries: 1, status: 404 }],
    ['a redirect', { fault: faults.redirect(), tries: 1, status: 502 }],
    ['a page', { fault: faults.html(), tries: 1, status: 502 }],
    ['a wrong content type', { fault: faults.contentType('text/plain'), tries: 1, status: 502 }],
    [
      'an error as the first event',
      { fault: faults.errorInStream(0, { code: 503, message: 'Overloaded.' }), tries: 3, status: 503 },
    ],
  ];

  test.each(both(ROWS))('R15, R19: %s (%s, streamed)', async (_name, family, { fault, tries, status }) => {
    const relay = await open({ system: createQuickSystem() });
    relay.simulator.always('generate', fault);
    const response = await ask(relay, family, 'Hello', true);
    expect({ status: response.status, tries: asked(relay) }).toEqual({ status, tries });
    expect(response.headers.get('content-type')).toContain('application/json');
    checkEnvelope(family, status, await response.text());
  });

  test.each(FAMILIES)(
    'R15: a daily quota says when to come back, and that trying again is no use (%s)',
    async (family) => {
      const relay = await open();
      relay.simulator.always('generate', google.quotaExhausted({ resetDelay: '3h0m0s' }));
      const response = await ask(relay, family, 'Hello', true);
      expect(response.status).toBe(429);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(10_000);
      expect(response.headers.get('x-should-retry')).toBe('false');
    },
  );
});

test('R15: a dead Google sees a tenth more than the normal load, and ten', async () => {
  const relay = await open({ system: createQuickSystem() });
  await (await ask(relay, 'openai', 'Hello')).arrayBuffer();
  relay.simulator.clear();
  relay.simulator.always('generate', google.serverError(503));
  const requests = 200;
  const answers = await Promise.all(
    Array.from({ length: requests }, (_, index) => ask(relay, FAMILIES[index % 2] ?? 'openai', 'Hello')),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  expect(asked(relay)).toBeGreaterThan(requests);
  expect(asked(relay)).toBeLessThanOrEqual(requests + 10 + (requests + 1) / 10);
});

describe('R16, R18: once an answer has begun', () => {
  const FAULTS: readonly (readonly [string, Fault])[] = [
    ['a reset', faults.resetAfter(1)],
    ['silence', faults.stallAfter(1)],
    ['an end without a finish reason', faults.cutAfter(1)],
    ['a finish reason that never comes', faults.withoutFinishReason()],
    ['garbage in an event', faults.garbageAfter(1)],
    ['an error event', faults.errorInStream(1, { code: 503, message: 'The model is overloaded.' })],
  ];

  test.each(both(FAULTS))('R16, R18: %s (%s)', async (_name, family, fault) => {
    const relay = await open({ env: { IDLE_TIMEOUT_MS: '400' } });
    // Broken once: asked again, the simulator would answer in full.
    const scriptedAnswer = faults.answering(...scripted.says('first-mark ', 'second-mark ', 'third-mark'));
    relay.simulator.next('generate', async (request, honest) =>
      fault(request, async () => scriptedAnswer(request, honest)),
    );
    const response = await ask(relay, family, 'Hello', true);
    expect(response.status).toBe(200);
    const { text, broken } = await readAll(response);
    expect(text.split('first-mark')).toHaveLength(2);
    expect(asked(relay)).toBe(1);
    const events = text.split(/\r?\n\r?\n/).filter((event) => event.startsWith('data: '));
    const last = JSON.parse(events.at(-1)?.slice('data: '.length) ?? '') as {
      error?: { code: unknown; message: string };
    };
    expect(last.error?.message).toBeTruthy();
    expect(text).not.toContain('[DONE]');
    expect(text).not.toMatch(/"finish_reason":"|"finishReason":"/);
    if (family === 'gemini') {
      expect(last.error).toMatchObject({ code: expect.any(Number) as number, status: expect.any(String) as string });
      expect(broken).toBe(true);
    }
  });

  test.each(FAMILIES)('R18: gzip that breaks off in mid-stream (%s)', async (family) => {
    const relay = await open();
    const many = faults.answering(
      ...scripted.says(...Array.from({ length: 4000 }, (_, index) => `${Math.sin(index)} `)),
    );
    relay.simulator.always('generate', async (request, honest) =>
      faults.gzipped({ cutBytes: 2000 })(request, async () => many(request, honest)),
    );
    const response = await ask(relay, family, 'Hello', true);
    const { text } = await readAll(response);
    expect(text).toContain('"error"');
    expect(text).not.toContain('[DONE]');
    expect(text).not.toMatch(/"finish_reason":"stop"|"finishReason":"STOP"/);
  });

  test.each(both([...FAULTS.slice(0, 1), ['a whole answer cut short', faults.truncated(60)] as const]))(
    'R18: %s is 502 where the answer was to be whole (%s)',
    async (_name, family, fault) => {
      const relay = await open({ system: createQuickSystem() });
      relay.simulator.always('generate', fault);
      const response = await ask(relay, family, 'Hello');
      expect(response.status).toBe(502);
      checkEnvelope(family, 502, await response.text());
    },
  );
});

describe('R17: every wait on Google has an end, and its own code', () => {
  /** Takes connections and never says a word: no TLS handshake comes about. */
  const withSilence = async <T>(work: (port: number) => Promise<T>): Promise<T> => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await work((server.address() as AddressInfo).port);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  };

  test('R17: connecting: 502 upstream_unreachable', async () => {
    await withSilence(async (port) => {
      const relay = await open({
        door: 'gemini-api',
        system: createQuickSystem(),
        env: { GEMINI_API_ENDPOINT: `https://127.0.0.1:${port}`, CONNECT_TIMEOUT_MS: '300', MAX_RETRIES: '0' },
      });
      const response = await ask(relay, 'openai', 'Hello');
      expect(response.status).toBe(502);
      const { code, message } = await errorOf(response);
      expect(code).toBe('upstream_unreachable');
      expect(message).toContain('CONNECT_TIMEOUT_MS');
    });
  });

  test('R17: the first byte: 504', async () => {
    const relay = await open({ env: { FIRST_BYTE_TIMEOUT_MS: '300' } });
    relay.simulator.always('generate', faults.stallBeforeHeaders());
    for (const response of await Promise.all(FAMILIES.map((family) => ask(relay, family, 'Hello')))) {
      expect(response.status).toBe(504);
      expect((await errorOf(response)).message).toContain('FIRST_BYTE_TIMEOUT_MS');
    }
  });

  test('R17: silence within an answer: an error event', async () => {
    const relay = await open({ env: { IDLE_TIMEOUT_MS: '300' } });
    relay.simulator.always('generate', faults.stallAfter(1));
    const answers = FAMILIES.map(async (family) => readAll(await ask(relay, family, 'Hello', true)));
    for (const { text } of await Promise.all(answers)) expect(text).toContain('IDLE_TIMEOUT_MS');
  });

  test('R17: the whole request: 504, or an error event once it has begun', async () => {
    const relay = await open({ env: { REQUEST_TIMEOUT_MS: '400' } });
    await (await ask(relay, 'openai', 'Hello')).arrayBuffer();
    relay.simulator.always('streamGenerateContent', faults.stallAfter(1));
    relay.simulator.always('generateContent', faults.stallBeforeHeaders());
    const whole = FAMILIES.map((family) => ask(relay, family, 'Hello'));
    const streamed = FAMILIES.map(async (family) => readAll(await ask(relay, family, 'Hello', true)));
    for (const response of await Promise.all(whole)) {
      expect(response.status).toBe(504);
      expect(await response.text()).toContain('REQUEST_TIMEOUT_MS');
    }
    for (const { text } of await Promise.all(streamed)) expect(text).toContain('REQUEST_TIMEOUT_MS');
  });
});

test.each(FAMILIES)('R19: signs of life while Google is silent before its first word (%s)', async (family) => {
  const relay = await open({ env: { HEARTBEAT_MS: '50' } });
  await (await ask(relay, 'openai', 'Hello')).arrayBuffer();
  relay.simulator.next('generate', faults.slowHeaders(400));
  const { text, broken } = await readAll(await ask(relay, family, 'Hello', true));
  expect(broken).toBe(false);
  expect(text.split(/\r?\n\r?\n/).filter((event) => event.startsWith(':')).length).toBeGreaterThan(2);
  expect(text).toContain('Hello');
});

describe('R20, R21: bytes of Google', () => {
  test.each(FAMILIES)('R20: one event of 20 MB passes in one piece, in linear time (%s)', async (family) => {
    const relay = await open();
    relay.simulator.next('generate', faults.hugeChunk(20_000_000));
    const startedAt = quietNow();
    const { text } = await readAll(await ask(relay, family, 'Hello', true));
    expect(text.length).toBeGreaterThan(20_000_000);
    expect(text.split('x'.repeat(20_000_000))).toHaveLength(2);
    expect(quietNow() - startedAt).toBeLessThan(10_000);
  });

  test.each(FAMILIES)('R20: however the bytes are cut, the answer is the same (%s)', async (family) => {
    const relay = await open();
    const words = (text: string) =>
      [...text.matchAll(/"(?:content|text)":"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word).join('');
    const honest = words((await readAll(await ask(relay, family, 'Grüße 🙂 aus 東京', true))).text);
    expect(honest).toContain('Grüße 🙂 aus 東京');
    for (const fault of [
      faults.dripping(7, 0),
      faults.splitInsideCharacters(),
      faults.lineEnds('\r'),
      faults.withComments(),
    ]) {
      relay.simulator.next('generate', fault);
      expect(words((await readAll(await ask(relay, family, 'Grüße 🙂 aus 東京', true))).text)).toBe(honest);
    }
  });

  test.each([
    ['a gzip bomb, streamed', 'openai', true],
    ['a gzip bomb, streamed', 'gemini', true],
    ['a gzip bomb', 'openai', false],
    ['a gzip bomb', 'gemini', false],
  ] as const)('R21: %s ends at the limit (%s)', async (_name, family, stream) => {
    const relay = await open();
    relay.simulator.always('generate', faults.gzipped({ bombBytes: 80 * 1024 * 1024 }));
    const response = await ask(relay, family, 'Hello', stream);
    expect(response.status).toBe(502);
    checkEnvelope(family, 502, await response.text());
    expect(asked(relay)).toBe(1);
  });

  test('R21: an encoding that nobody asked for is 502', async () => {
    const relay = await open();
    relay.simulator.always(
      'generate',
      faults.raw(200, { 'content-type': 'application/json', 'content-encoding': 'br' }, Buffer.from([1, 2, 3])),
    );
    expect((await ask(relay, 'openai', 'Hello')).status).toBe(502);
  });
});
