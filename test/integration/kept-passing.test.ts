/** What passes is as Google and the client wrote it; what breaks is told; all of it is in the records. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  failing,
  resetAfter,
  resetBeforeHeaders,
  splitInsideCharacters,
  stallAfter,
  stallBeforeHeaders,
  truncated,
} from '../../src/simulator/faults.ts';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import { MODEL, openKept } from './kept-rig.ts';
import type { Answer, KeptRig } from './kept-rig.ts';
import { eventually } from '../support/eventually.ts';

const TEXT = [{ role: 'user', parts: [{ text: 'Hello.' }] }];
const CACHE = { model: `models/${MODEL}`, contents: TEXT };
const VEO = 'veo-3.1-generate-preview';

let kept: KeptRig;
beforeAll(async () => {
  kept = await openKept({
    MAX_BODY_BYTES: '100000',
    FIRST_BYTE_TIMEOUT_MS: '1000',
    IDLE_TIMEOUT_MS: '1000',
    GEMINI_API_KEYS: `one=AIza${'Simulated'.repeat(4).slice(0, 35)}`,
  });
});
afterAll(() => kept.relay.close());
afterEach(() => {
  kept.relay.simulator.clear();
  kept.relay.relay.parts.door.control.reset('gemini-api:one');
});

describe('interactions', () => {
  const FRAMES = [
    ': a comment\n\n',
    'event: interaction.created\r\ndata: {"event_type":"interaction.created","interaction":{"id":"v1_größe-1","n":1.0}}\r\n\r\n',
    'id: 7\nevent: step.delta\ndata: {"event_type":"step.delta","delta":{"text":"größe 中文 🙂","big":12345678901234567890}}\n\n',
    'data: not even JSON\n\n',
    'event: done\ndata: [DONE]\n\n',
  ];
  const said: Fault = () => ({
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'api-revision': '2026-05-20' },
    steps: FRAMES.map((frame) => ({ kind: 'bytes', bytes: Buffer.from(frame) })),
  });

  test('events come as Google wrote them, to the byte, with the revision that was asked for', async () => {
    kept.relay.simulator.next('createInteraction', said);
    const body = '{"model":"gemini-2.5-flash", "input":"Hello.","stream":true,"n":1.0}';
    const answer = await fetch(`${kept.relay.url}/v1beta/interactions`, {
      method: 'POST',
      headers: { 'x-goog-api-key': kept.ann, 'api-revision': '2026-05-20', 'content-type': 'application/json' },
      body,
    });
    expect(Buffer.from(await answer.arrayBuffer()).toString()).toBe(FRAMES.join(''));
    expect([answer.headers.get('content-type'), answer.headers.get('api-revision')]).toEqual([
      'text/event-stream',
      '2026-05-20',
    ]);
    const [asked] = kept.relay.simulator.asked('createInteraction');
    expect([asked?.headers['api-revision'], asked?.text]).toEqual(['2026-05-20', body]);
    // Neither the client's key nor the relay's other headers.
    expect(JSON.stringify(asked?.headers)).not.toContain(kept.ann);
  });

  test('cut inside of its characters, a stream is the same', async () => {
    const stream = { model: MODEL, input: 'Hello.', stream: true };
    kept.relay.simulator.next('createInteraction', splitInsideCharacters());
    const { status, body } = await kept.as(kept.ann, 'POST', '/v1beta/interactions', stream);
    expect([status, String(body['text']).endsWith('event: done\ndata: [DONE]\n\n')]).toEqual([200, true]);
    // Its id was known before the client read it.
    const [, id = ''] = /"id":"([^"]+)"/.exec(String(body['text'])) ?? [];
    expect((await kept.as(kept.ann, 'GET', `/v1beta/interactions/${id}`)).status).toBe(200);
    expect((await kept.as(kept.bob, 'GET', `/v1beta/interactions/${id}?stream=true`)).status).toBe(404);
  });

  test('the owner can force store off', async () => {
    const closed = await openKept({ STORE_INTERACTIONS: 'false' });
    const ask = (body: object) => closed.as(closed.ann, 'POST', '/v1beta/interactions', { model: MODEL, ...body });
    const sent = () => closed.relay.simulator.asked('createInteraction').map(({ text }) => JSON.parse(text) as object);
    for (const store of [{}, { store: true }, { store: null }]) {
      const answer = await ask({ input: 'Hello.', ...store });
      expect([answer.status, answer.headers.get('x-relay-ignored')]).toEqual([200, 'store']);
    }
    expect((await ask({ input: 'Hello.', store: false })).headers.get('x-relay-ignored')).toBeNull();
    expect(sent()).toEqual(Array(4).fill({ model: MODEL, input: 'Hello.', store: false }));
    expect(closed.relay.simulator.kept.interactions.list(projectOf(closed))).toEqual([]);
    const background = await ask({ input: 'Hello.', background: true });
    expect([background.status, JSON.stringify(background.body)]).toEqual([
      400,
      expect.stringContaining('STORE_INTERACTIONS'),
    ]);
    await closed.relay.close();
  });
});

const projectOf = ({ relay }: KeptRig) => {
  const [first] = relay.simulator.apiKeys.values();
  if (!first) throw new Error('no key');
  return first.project;
};

/** Each way in which something is made or asked for, by one who has made a cache. */
const ROUTES: readonly (readonly [
  string,
  Parameters<KeptRig['relay']['simulator']['next']>[0],
  () => Promise<Answer>,
])[] = [
  ['an upload begun', 'upload', () => kept.begin(kept.ann)],
  ['a cache', 'createCache', () => kept.as(kept.ann, 'POST', '/v1beta/cachedContents', CACHE)],
  [
    'a batch',
    'createBatch',
    () =>
      kept.as(kept.ann, 'POST', `/v1beta/models/${MODEL}:batchGenerateContent`, {
        batch: { displayName: 'b', inputConfig: { requests: { requests: [{ request: { contents: TEXT } }] } } },
      }),
  ],
  [
    'an interaction',
    'createInteraction',
    () => kept.as(kept.ann, 'POST', '/v1beta/interactions', { model: MODEL, input: 'Hello.' }),
  ],
  [
    'a video',
    'predictLongRunning',
    () => kept.as(kept.ann, 'POST', `/v1beta/models/${VEO}:predictLongRunning`, { instances: [{ prompt: 'x' }] }),
  ],
];

describe('faults', () => {
  describe.each(ROUTES)('%s', (_name, operation, make) => {
    test.each<[string, Fault, number]>([
      ['a connection that ends before the answer', resetBeforeHeaders(), 502],
      ['no answer in time', stallBeforeHeaders(), 504],
      ['trouble of Google’s', failing({ code: 500, status: 'INTERNAL', message: 'Oops.' }), 500],
      ['a refusal of what was asked for', failing({ code: 400, status: 'INVALID_ARGUMENT', message: 'No such.' }), 400],
    ])('%s is told', async (_fault, fault, status) => {
      kept.relay.simulator.next(operation, fault);
      const answer = await make();
      expect([answer.status, answer.body], JSON.stringify(answer.body)).toEqual([
        status,
        { error: expect.objectContaining({ message: expect.any(String) as string }) as object },
      ]);
      kept.relay.relay.parts.door.control.reset('gemini-api:one');
      expect((await make()).status).toBe(200);
    });
  });

  test.each<[string, Fault]>([
    ['ends in the middle', resetAfter(1)],
    ['is shorter than it was announced', truncated(20)],
    ['stands still', stallAfter(1)],
  ])('an answer that %s is cut, and never looks complete', async (_name, fault) => {
    const made = await kept.as(kept.ann, 'POST', '/v1beta/cachedContents', CACHE);
    kept.relay.simulator.next('getCache', fault);
    await expect(kept.as(kept.ann, 'GET', `/v1beta/${String(made.body['name'])}`)).rejects.toThrow();
    kept.relay.simulator.next('createInteraction', fault);
    const stream = { model: MODEL, input: 'Hello.', stream: true };
    await expect(kept.as(kept.ann, 'POST', '/v1beta/interactions', stream)).rejects.toThrow();
    expect((await kept.as(kept.ann, 'GET', `/v1beta/${String(made.body['name'])}`)).status).toBe(200);
  });

  test('MAX_BODY_BYTES binds what is read whole, and no upload', async () => {
    const long = { ...CACHE, contents: [{ parts: [{ text: 'x'.repeat(120_000) }] }] };
    for (const path of ['cachedContents', 'interactions', `models/${MODEL}:batchGenerateContent`]) {
      expect((await kept.as(kept.ann, 'POST', `/v1beta/${path}`, long)).status).toBe(413);
    }
    expect((await kept.goOn(kept.ann, await kept.begin(kept.ann), 'x'.repeat(300_000))).status).toBe(200);
    const raw = { 'x-goog-upload-protocol': 'raw', 'content-type': 'text/plain' };
    expect((await kept.as(kept.ann, 'POST', '/upload/v1beta/files', 'x'.repeat(300_000), raw)).status).toBe(200);
    const form = new FormData();
    form.append('purpose', 'user_data');
    form.append('file', new Blob(['x'.repeat(300_000)]), 'a.txt');
    const answer = await fetch(`${kept.relay.url}/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${kept.ann}` },
      body: form,
    });
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ bytes: 300_000 })]);
  });
});

test('each is a row in the records: whose, by which route and door, and with its tokens', async () => {
  const { ann, bob, relay } = kept;
  for (const [, , make] of ROUTES) await make();
  const { name } = await kept.uploaded(ann);
  await kept.as(ann, 'GET', `/v1beta/${name}`);
  await kept.as(bob, 'GET', `/v1beta/${name}`);
  await kept.as(ann, 'DELETE', `/v1beta/${name}`);
  const door = 'gemini-api:one';
  const expected = [
    ['/upload/v1beta/files', 200, door, null, 0, 'number'],
    ['/v1beta/cachedContents', 200, door, MODEL, 0, 'unknown'],
    ['/v1beta/models/{model}:batchGenerateContent', 200, door, MODEL, 0, 'unknown'],
    ['/v1beta/interactions', 200, door, MODEL, 8, 'number'],
    ['/v1beta/models/{model}:predictLongRunning', 200, door, VEO, 0, 'unknown'],
    ['/upload/v1beta/files', 200, door, null, 0, 'number'],
    ['/upload/v1beta/files', 200, door, null, 0, 'number'],
    ['/v1beta/files/{file}', 200, door, null, 0, 'number'],
    ['/v1beta/files/{file}', 404, null, null, 0, 'number'],
    ['/v1beta/files/{file}', 200, door, null, 0, 'number'],
  ];
  // A client can have read what passes before its end is noted, and can have asked for the next.
  await eventually(async () => {
    await relay.relay.parts.ledger.flush();
    const listed = await relay.fetch(`/console/api/requests?limit=${expected.length}`);
    const { rows } = (await listed.json()) as { rows: Record<string, unknown>[] };
    const brief = rows.map(({ route, status, door: by, model, output_tokens, cost_usd }) => [
      ...[route, status, by, model, output_tokens],
      cost_usd === null ? 'unknown' : typeof cost_usd,
    ]);
    expect(inOneOrder(brief)).toEqual(inOneOrder(expected));
  });
});

const inOneOrder = (rows: readonly unknown[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();

test('whose things are, and an upload that was begun, outlast a restart', async () => {
  const first = await openKept();
  const { ann, bob } = first;
  const file = await first.uploaded(ann);
  const cache = await first.as(ann, 'POST', '/v1beta/cachedContents', CACHE);
  const begun = await first.begin(ann);
  const gone = await first.uploaded(ann);
  await first.as(ann, 'DELETE', `/v1beta/${gone.name}`);
  const folder = mkdtempSync(join(tmpdir(), 'kept-'));
  const database = join(folder, 'relay.db');
  await first.relay.relay.close(0);
  cpSync(join(first.relay.folder, 'relay.db'), database);
  const second = await openKept({}, 'none', { relay: first.relay, ann, bob, database });
  try {
    await eventually(async () => {
      expect((await second.as(ann, 'GET', `/v1beta/${file.name}`)).status).toBe(200);
    });
    for (const name of [file.name, String(cache.body['name'])]) {
      expect((await second.as(ann, 'GET', `/v1beta/${name}`)).headers.get('x-relay-door')).toMatch(/^gemini-api:/);
      expect((await second.as(bob, 'GET', `/v1beta/${name}`)).status).toBe(404);
      expect((await second.as(second.relay.key, 'GET', `/v1beta/${name}`)).status).toBe(404);
    }
    expect((await second.as(ann, 'GET', '/v1beta/files')).body['files']).toHaveLength(1);
    const address = new URL(begun.headers.get('x-goog-upload-url') ?? '');
    const done = await second.as('', 'POST', `${second.relay.url}${address.pathname}${address.search}`, 'Late.', {
      'x-goog-upload-command': 'upload, finalize',
      'x-goog-upload-offset': '0',
    });
    expect([done.status, JSON.stringify(done.body)]).toEqual([200, expect.stringContaining('"sizeBytes":"5"')]);
  } finally {
    await second.relay.close();
    await first.relay.simulator.close();
    rmSync(first.relay.folder, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
});
