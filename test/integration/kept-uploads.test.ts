/** Uploads in each form that Google takes, as curl and old SDKs send them. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { databaseOf, makeKey, runKeys } from '../keys/people.ts';
import type { TestRelay } from '../support/relay.ts';
import { openKept } from './kept-rig.ts';
import type { Answer, KeptRig } from './kept-rig.ts';

let kept: KeptRig;
let relay: TestRelay;
let ann = '';
let bob = '';
beforeAll(async () => {
  kept = await openKept();
  ({ relay, ann, bob } = kept);
});
afterAll(() => relay.close());
afterEach(() => {
  relay.simulator.clear();
});

/** After many guesses from one address. */
const REFUSED = [401, 429];

const fileIn = ({ body }: Answer): Record<string, string> => body['file'] as Record<string, string>;

describe('the address of an upload is the right to go on with it', () => {
  // As Google's own examples for curl do it: the key goes with the first request only.
  test('without a key, for who began it and nobody else', async () => {
    const begun = await kept.begin(ann);
    const address = begun.headers.get('x-goog-upload-url') ?? '';
    expect(address.startsWith(`${relay.url}/upload/v1beta/files?`)).toBe(true);
    const done = await kept.goOn('', begun, 'Hello.');
    expect([done.status, fileIn(done)['sizeBytes']]).toEqual([200, '6']);
    const name = fileIn(done)['name'] ?? '';
    expect((await kept.as(ann, 'GET', `/v1beta/${name}`)).status).toBe(200);
    expect((await kept.as(bob, 'GET', `/v1beta/${name}`)).status).toBe(404);
    expect((await kept.as(relay.key, 'GET', `/v1beta/${name}`)).status).toBe(404);
    // Nothing of the door's key is in the address, and what went to Google had it in a header.
    expect(address).not.toContain('key');
    expect(relay.simulator.leaks()).toEqual([]);
  });

  test('of the owner’s as well; the line of the log names them', async () => {
    const begun = await kept.begin(relay.key);
    expect((await kept.goOn('', begun, 'Hello.')).status).toBe(200);
    const last = JSON.parse(relay.logs.filter((line) => line.includes('"request"')).at(-1) ?? '{}') as object;
    expect(last).toMatchObject({ caller: 'GEMINI_AUTH_PASSWORD', route: '/upload/v1beta/files' });
  });

  test('of a key that lets nobody in any more no more', async () => {
    const { name, secret } = await makeKey(databaseOf(relay));
    const until = async (ask: () => Promise<Answer>, ...statuses: readonly number[]): Promise<Answer> => {
      const answer = await ask();
      if (statuses.includes(answer.status)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return until(ask, ...statuses);
    };
    const begun = await until(() => kept.begin(secret), 200);
    await runKeys(['disable', name], databaseOf(relay));
    await until(() => kept.begin(secret), ...REFUSED);
    expect(REFUSED).toContain((await kept.goOn('', begun, 'Hello.')).status);
    await runKeys(['enable', name], databaseOf(relay));
    await until(() => kept.begin(secret), 200);
    expect((await kept.goOn('', begun, 'Hello.')).status).toBe(200);
  });

  test('one that is made up lets nobody in', async () => {
    const made = await kept.as('', 'POST', '/upload/v1beta/files?upload_id=made-up', 'x');
    expect(REFUSED).toContain(made.status);
    // Elsewhere it means nothing.
    const { headers } = await kept.begin(ann);
    const id = new URL(headers.get('x-goog-upload-url') ?? '').searchParams.get('upload_id') ?? '';
    for (const path of ['/v1beta/files', '/v1beta/models', '/upload/v1beta/files/more', '/v1/files']) {
      expect(REFUSED).toContain((await kept.as('', 'GET', `${path}?upload_id=${id}`)).status);
    }
    expect(REFUSED).toContain((await kept.as('wrong', 'POST', headers.get('x-goog-upload-url') ?? '', 'x')).status);
  });
});

describe('an upload in one request', () => {
  const related = (metadata: unknown, type: string, content: string | Buffer, boundary = 'limit'): Buffer =>
    Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(metadata)}\r\n`,
      ),
      Buffer.from(`--${boundary}\r\nContent-Type: ${type}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
  const send = (key: string, body: unknown, headers: Record<string, string>, query = '') =>
    kept.as(key, 'POST', `/upload/v1beta/files${query}`, body, headers);
  const MULTIPART = {
    'x-goog-upload-protocol': 'multipart',
    'content-type': 'multipart/related; boundary=limit',
  };

  test('with metadata: multipart', async () => {
    const done = await send(ann, related({ file: { displayName: 'größe' } }, 'image/png', 'PNG'), MULTIPART);
    expect(done.status, JSON.stringify(done.body)).toBe(200);
    expect(fileIn(done)).toMatchObject({ displayName: 'größe', mimeType: 'image/png', sizeBytes: '3' });
    const [asked] = relay.simulator.asked('upload');
    expect(asked?.headers['content-type']).toBe(MULTIPART['content-type']);
    expect(asked?.headers).not.toHaveProperty('authorization');
    const name = fileIn(done)['name'] ?? '';
    expect((await kept.as(ann, 'GET', `/v1beta/${name}`)).status).toBe(200);
    expect((await kept.as(bob, 'GET', `/v1beta/${name}`)).status).toBe(404);
  });

  test('by the older words in the address', async () => {
    const { 'content-type': type } = MULTIPART;
    const body = related({ file: {} }, 'text/plain', 'x'.repeat(100_000));
    const done = await send(ann, body, { 'content-type': type }, '?uploadType=multipart');
    expect([done.status, fileIn(done)['sizeBytes']]).toEqual([200, '100000']);
  });

  test('bytes alone: raw', async () => {
    const done = await send(ann, 'Raw bytes.', { 'x-goog-upload-protocol': 'raw', 'content-type': 'text/plain' });
    expect([done.status, fileIn(done)['sizeBytes'], fileIn(done)['mimeType']]).toEqual([200, '10', 'text/plain']);
  });

  test('a limited key’s each upload is one request, and over the limit is a 429 before Google is asked', async () => {
    const limited = await kept.newKey('--requests-per-day', '1');
    const raw = { 'x-goog-upload-protocol': 'raw', 'content-type': 'text/plain' };
    expect((await send(limited, 'a', raw)).status).toBe(200);
    const refused = await send(limited, 'b', raw);
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([429, expect.stringContaining('per day')]);
    expect(relay.simulator.asked('upload')).toHaveLength(1);
  });

  // Bytes that are wrong are Google's to judge: whatever comes, it is one answer that fits, and the relay lives.
  test('fuzzed multipart: each is taken as Google takes it, or a 4xx', async () => {
    const whole = related({ file: { displayName: 'x' } }, 'image/png', Buffer.alloc(2000, 'p'));
    const statuses = new Map<number, number>();
    const types = fc.constantFrom(
      ...Array<string>(6).fill(MULTIPART['content-type']),
      ...['multipart/related; boundary=', 'multipart/related; boundary=other', 'multipart/related', 'text/plain'],
    );
    for (const [changes, type] of fc.sample(fc.tuple(mutations, types), { numRuns: 200, seed: 20261129 })) {
      const body = mutated(whole, changes);
      const answer = await send(ann, body, { ...MULTIPART, 'content-type': type });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (answer.status !== 200) expect(answer.body).toHaveProperty('error.message');
    }
    expect([...statuses.keys()].filter((status) => status !== 200 && (status < 400 || status > 499))).toEqual([]);
    expect(statuses.get(200)).toBeGreaterThan(10);
    expect(statuses.get(400)).toBeGreaterThan(10);
    expect((await send(ann, whole, MULTIPART)).status).toBe(200);
  });
});

/** A few bytes changed, left out, doubled or put in. */
const mutations = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    size: fc.nat(60),
    how: fc.constantFrom('cut', 'double', 'part', 'byte'),
    byte: fc.nat(255),
  }),
  { maxLength: 4 },
);

const mutated = (
  whole: Buffer,
  changes: readonly { at: number; size: number; how: string; byte: number }[],
): Buffer => {
  let body = whole;
  for (const { at, size, how, byte } of changes) {
    const start = Math.floor(at * body.length);
    const [before, middle, after] = [
      body.subarray(0, start),
      body.subarray(start, start + size),
      body.subarray(start + size),
    ];
    const put: Record<string, readonly Buffer[]> = {
      cut: [],
      double: [middle, middle],
      part: [Buffer.from('\r\n--limit\r\n\r\n'), middle],
      byte: [Buffer.from([byte]), middle],
    };
    body = Buffer.concat([before, ...(put[how] ?? []), after]);
  }
  return body;
};
