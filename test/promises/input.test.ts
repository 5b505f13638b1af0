/** R28 and R29: whatever comes in, a precise 4xx in the words of the path's family. Raw sockets, the whole relay. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readJsonBody } from '../../src/http/body.ts';
import { KEY, openPorch } from '../support/porch.ts';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { FAMILIES, best, checkEnvelope, question, rawHead, sendRaw } from './support.ts';
import type { Family, RawAnswer } from './support.ts';

let relay: TestRelay;

beforeAll(async () => {
  relay = await startRelay({ env: { MAX_BODY_BYTES: '200000' } });
});

beforeEach(() => {
  relay.simulator.clear();
});

afterAll(async () => {
  await relay.close();
});

const pathOf = (family: Family): string => question(family, '')[0];

const sendBody = (family: Family, body: string | Buffer, headers: readonly string[] = []): Promise<RawAnswer> => {
  const bytes = Buffer.from(body);
  const head = rawHead(pathOf(family), [`Content-Length: ${bytes.length}`, ...headers]);
  return sendRaw(relay.port, Buffer.concat([Buffer.from(head), bytes]), 600);
};

const bodyOf = ({ text }: RawAnswer): string => text.slice(text.indexOf('\r\n\r\n') + 4);

/** The answer is in the family's words, has an id and stops at one. */
const check = (family: Family, answer: RawAnswer, status: number): void => {
  expect(answer.status).toBe(status);
  expect(answer.text.split('HTTP/1.1 ')).toHaveLength(2);
  expect(answer.text).toMatch(/\r\nx-request-id: [\w.-]+\r\n/i);
  checkEnvelope(family, status, Buffer.from(bodyOf(answer), 'latin1').toString());
  expect(relay.simulator.asked('generate')).toHaveLength(0);
};

const each = <T>(rows: readonly (readonly [string, T])[]): [string, Family, T][] =>
  rows.flatMap(([name, value]) => FAMILIES.map((family): [string, Family, T] => [name, family, value]));

describe('R28: bodies', () => {
  const BODIES: readonly (readonly [string, string | Buffer])[] = [
    ['broken JSON', '{"model": "gemini-2.5-flash", "messages": ['],
    ['two values', '{} {}'],
    ['nothing', ''],
    ['blanks', ' \n '],
    ['an array', '[]'],
    ['a string', '"hello"'],
    ['null', 'null'],
    ['a number', '12'],
    ['invalid UTF-8', Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}')])],
    ['UTF-16', Buffer.from('{"model":"x"}', 'utf16le')],
    ['nesting over the limit', `{"contents":${'['.repeat(300)}${']'.repeat(300)}}`],
    ['nesting of 50 000', `{"contents":${'{"a":'.repeat(25_000)}1${'}'.repeat(25_000)}}`],
    ['a control character in a string', '{"model":"a\u0001b"}'],
    ['a number that is none', '{"temperature":+1}'],
    ['a comment', '{/* hello */}'],
    ['a comma too many', '{"model":"x",}'],
  ];

  test.each(each(BODIES))('R28: %s is 400 within 50 ms (%s)', async (_name, family, body) => {
    check(family, await sendBody(family, body), 400);
    expect(await best(3, async () => (await sendBody(family, body, ['Connection: close'])).ms)).toBeLessThan(50);
  });

  test.each(FAMILIES)(
    'R28: a declared length over the limit is 413 before it is read, and closed (%s)',
    async (family) => {
      const answer = await sendRaw(relay.port, rawHead(pathOf(family), ['Content-Length: 200001']), 3000);
      check(family, answer, 413);
      expect(answer.closed).toBe(true);
      expect(answer.text).toMatch(/\r\nconnection: close\r\n/i);
    },
  );

  test.each(FAMILIES)(
    'R28: a streamed body is 413 at the first byte over the limit, and closed (%s)',
    async (family) => {
      const head = rawHead(pathOf(family), ['Transfer-Encoding: chunked']);
      const chunk = `${(100_000).toString(16)}\r\n${' '.repeat(100_000)}\r\n`;
      const below = await sendRaw(relay.port, `${head}${chunk}${chunk}`, 300);
      expect(below.status).toBe(0);
      const answer = await sendRaw(relay.port, `${head}${chunk}${chunk}1\r\n \r\n`, 3000);
      check(family, answer, 413);
      expect(answer.closed).toBe(true);
    },
  );

  test.each(each(['gzip', 'br', 'deflate', 'zstd', 'gzip, identity'].map((coding) => [coding, coding] as const)))(
    'R28: content-encoding %s is 415 (%s)',
    async (_name, family, coding) => {
      check(family, await sendBody(family, '{}', [`Content-Encoding: ${coding}`]), 415);
    },
  );

  test.each(
    each(
      [
        'application/x-www-form-urlencoded',
        'application/xml',
        'text/xml; charset=utf-8',
        'multipart/form-data; boundary=x',
      ].map((type) => [type, type] as const),
    ),
  )('R28: %s is 415 (%s)', async (_name, family, type) => {
    const head = rawHead(pathOf(family), ['Content-Length: 2']).replace('application/json', type);
    check(family, await sendRaw(relay.port, `${head}{}`, 600), 415);
  });
});

describe('R28: heads', () => {
  test.each(FAMILIES)('R28: headers over 16 KiB are 431 (%s)', async (family) => {
    const answer = await sendRaw(relay.port, rawHead(pathOf(family), [`X-Long: ${'a'.repeat(17_000)}`]));
    expect(answer.status).toBe(431);
    expect(answer.closed).toBe(true);
  });

  test.each(FAMILIES)('R28: more than 100 headers are 431 (%s)', async (family) => {
    const many = Array.from({ length: 101 }, (_, index) => `X-${index}: a`);
    check(family, await sendRaw(relay.port, rawHead(pathOf(family), [...many, 'Content-Length: 0']), 600), 431);
  });

  test.each(FAMILIES)('R28: an address over 8 KiB is 414 (%s)', async (family) => {
    const path = `${pathOf(family)}?x=${'a'.repeat(8200)}`;
    check(family, await sendRaw(relay.port, rawHead(path, ['Content-Length: 0']), 600), 414);
  });

  test.each([
    ['openai', '/v1/nothing'],
    ['gemini', '/v1beta/nothing'],
    ['openai', '/nothing'],
  ] as const)('R28: an unknown address is 404 with the right ones (%s %s)', async (family, path) => {
    const answer = await sendRaw(relay.port, rawHead(path, ['Content-Length: 0']), 600);
    check(family, answer, 404);
  });

  test.each([
    ['openai', 'DELETE', '/v1/chat/completions', 'POST'],
    ['openai', 'GET', '/v1/chat/completions', 'POST'],
    ['openai', 'POST', '/v1/models', 'GET'],
    ['gemini', 'GET', '/v1beta/models/gemini-2.5-flash:generateContent', 'POST'],
    ['gemini', 'PUT', '/v1beta/models', 'GET'],
    ['openai', 'POST', '/health', 'GET'],
    ['openai', 'POST', '/livez', 'GET'],
  ] as const)('R28: a wrong method is 405 with Allow (%s: %s %s)', async (family, method, path, methods) => {
    const answer = await sendRaw(relay.port, rawHead(path, ['Content-Length: 0'], method), 600);
    check(family, answer, 405);
    expect(/\r\nallow: ([^\r]+)/i.exec(answer.text)?.[1]?.split(', ')).toContain(methods);
  });
});

describe('R28: no way to smuggle a second request', () => {
  const SECOND = rawHead('/v1/models', ['Content-Length: 0'], 'GET');
  const rows: readonly (readonly [string, (path: string) => string])[] = [
    [
      'length and chunked',
      (path) => `${rawHead(path, ['Content-Length: 5', 'Transfer-Encoding: chunked'])}0\r\n\r\n${SECOND}`,
    ],
    [
      'chunked and length',
      (path) => `${rawHead(path, ['Transfer-Encoding: chunked', 'Content-Length: 5'])}0\r\n\r\n${SECOND}`,
    ],
    ['two lengths', (path) => `${rawHead(path, ['Content-Length: 2', 'Content-Length: 40'])}{}${SECOND}`],
    ['one length twice', (path) => `${rawHead(path, ['Content-Length: 2', 'Content-Length: 2'])}{}${SECOND}`],
    ['a length with a sign', (path) => `${rawHead(path, ['Content-Length: +2'])}{}${SECOND}`],
    ['a length in hex', (path) => `${rawHead(path, ['Content-Length: 0x2'])}{}${SECOND}`],
    ['a negative length', (path) => `${rawHead(path, ['Content-Length: -2'])}{}${SECOND}`],
    ['two lengths in one', (path) => `${rawHead(path, ['Content-Length: 2, 2'])}{}${SECOND}`],
    ['a chunk size that is none', (path) => `${rawHead(path, ['Transfer-Encoding: chunked'])}zz\r\n{}\r\n0\r\n\r\n`],
    ['a chunk that is too long', (path) => `${rawHead(path, ['Transfer-Encoding: chunked'])}2\r\n{}{}\r\n0\r\n\r\n`],
    ['a chunk size with a bare LF', (path) => `${rawHead(path, ['Transfer-Encoding: chunked'])}2\n{}\r\n0\r\n\r\n`],
    ['an unknown transfer coding', (path) => `${rawHead(path, ['Transfer-Encoding: gzip'])}${SECOND}`],
    ['chunked not last', (path) => `${rawHead(path, ['Transfer-Encoding: chunked, gzip'])}0\r\n\r\n${SECOND}`],
    ['chunked under a disguise', (path) => `${rawHead(path, ['Transfer-Encoding: xchunked'])}0\r\n\r\n${SECOND}`],
    ['a bare CR in a header', (path) => rawHead(path, ['X-A: b\rContent-Length: 40'])],
    ['a bare LF as line end', (path) => rawHead(path, ['X-A: b\nContent-Length: 2']).concat('{}')],
    ['a blank before the colon', (path) => rawHead(path, ['Content-Length : 2']).concat('{}')],
    ['a folded header', (path) => rawHead(path, ['X-A: b', ' Content-Length: 2']).concat('{}')],
    ['a header without a colon', (path) => rawHead(path, ['nonsense'])],
    ['a NUL in a header', (path) => rawHead(path, ['X-A: a\0b'])],
    ['no HTTP', () => 'hello, are you there?\r\n\r\n'],
    ['another version of HTTP', (path) => `GET ${path} HTTP/9.9\r\nHost: a\r\n\r\n`],
    ['a TLS hello', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(200, 'x')],
  ];

  test.each(each(rows))('R28: %s: one answer of 400, and the end (%s)', async (_name, family, make) => {
    const answer = await sendRaw(relay.port, Buffer.from(make(pathOf(family)), 'latin1'), 2000);
    expect(answer.status).toBe(400);
    expect(answer.closed).toBe(true);
    expect(answer.text.split('HTTP/1.1 ')).toHaveLength(2);
    expect(JSON.parse(bodyOf(answer))).toHaveProperty('error.message');
  });
});

describe('R28: slow clients', () => {
  // The same server with limits that a test can wait for: 10 s and 120 s are its own.
  test.concurrent.each([
    ['a head', 'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n', 500],
    ['a body', rawHead('/v1/chat/completions', ['Content-Length: 100']), 1200],
  ])('R28: %s that never ends is 408 or a close, at most 5 s after its limit', async (_name, bytes, limitMs) => {
    const porch = await openPorch({
      listen: { headersTimeoutMs: 500 },
      limits: { receiveTimeoutMs: 1200 },
      mount: (router) => {
        router.post('/v1/chat/completions', async (ctx) => {
          await readJsonBody(ctx);
        });
      },
    });
    try {
      const startedAt = performance.now();
      const answer = await sendRaw(porch.port, bytes.replace(RELAY_KEY, KEY), 10_000);
      expect(answer.closed).toBe(true);
      expect([0, 408]).toContain(answer.status);
      const ms = performance.now() - startedAt;
      expect(ms).toBeGreaterThan(limitMs * 0.9);
      expect(ms).toBeLessThan(limitMs + 5000);
    } finally {
      await porch.close();
    }
  });
});

describe('R29: JSON as hostile as it comes', () => {
  const post = async (body: string): Promise<{ status: number; text: string }> => {
    const response = await relay.post('/v1/chat/completions', body);
    return { status: response.status, text: await response.text() };
  };

  test('R29: of a name that comes twice the last value counts', async () => {
    const { status, text } = await post(
      '{"model":"no-such","messages":[],"model":"gemini-2.5-flash","messages":[{"role":"user","content":"first","content":"second"}]}',
    );
    expect(status).toBe(200);
    expect(text).toContain('second');
    expect(relay.simulator.asked('generate')[0]?.text).not.toContain('first');
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'])(
    'R29: %s is a name like any other in tools, and none of a model or an option',
    async (name) => {
      const parameters = `{"type":"object","properties":{"${name}":{"type":"string"}},"required":["${name}"]}`;
      const tool = `{"type":"function","function":{"name":"look","parameters":${parameters}}}`;
      const { status } = await post(
        `{"model":"gemini-2.5-flash","tools":[${tool}],"messages":[{"role":"user","content":"Hi"}],"${name}":{"polluted":true}}`,
      );
      expect(status).toBe(200);
      expect(relay.simulator.asked('generate')[0]?.text).toContain(`"${name}":{"type":"string"}`);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();

      for (const [field, path] of [
        [`"model":"${name}"`, 'model'],
        [`"model":"gemini-2.5-flash","reasoning_effort":"${name}"`, 'reasoning_effort'],
        [`"model":"gemini-2.5-flash","tool_choice":"${name}"`, 'tool_choice'],
        [`"model":"gemini-2.5-flash","response_format":{"type":"${name}"}`, 'response_format'],
      ] as const) {
        const refused = await post(`{${field},"messages":[{"role":"user","content":"Hi"}]}`);
        expect([400, 404], path).toContain(refused.status);
      }
      const role = await post(`{"model":"gemini-2.5-flash","messages":[{"role":"${name}","content":"Hi"}]}`);
      expect(role.status).toBe(400);
    },
  );

  test.each(FAMILIES)('R29: half a surrogate leaves as U+FFFD (%s)', async (family) => {
    const [path, body] = question(family, 'MARK');
    const response = await relay.post(path, JSON.stringify(body).replace('MARK', 'a\\ud83dz'));
    expect(response.status).toBe(200);
    await response.arrayBuffer();
    const sent = relay.simulator.asked('generate')[0]?.text ?? '';
    expect(sent.isWellFormed() && !/\\ud83d/i.test(sent)).toBe(true);
    expect(sent).toContain('a\uFFFDz');
  });

  test.each(FAMILIES)('R29: 100 000 levels are refused, and the relay lives (%s)', async (family) => {
    const big = await startRelay();
    try {
      const [path] = question(family, '');
      for (const [status, body] of [
        [400, `{"messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
        [400, `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
        [400, '['.repeat(200_000)],
        [413, '['.repeat(1_000_000)],
      ] as const) {
        const response = await big.post(path, body);
        expect(response.status).toBe(status);
        checkEnvelope(family, status, await response.text());
      }
      expect((await fetch(`${big.url}/livez`)).status).toBe(200);
    } finally {
      await big.close();
    }
  });
});

test('R28: without a key none of this is looked at: 401', async () => {
  const head = rawHead('/v1/chat/completions', ['Content-Length: 500']).replace(RELAY_KEY, 'another-key-of-nobody');
  const { status, text } = await sendRaw(relay.port, head, 600);
  expect(status).toBe(401);
  expect(text).toMatch(/\r\nwww-authenticate: Bearer\r\n/i);
});
