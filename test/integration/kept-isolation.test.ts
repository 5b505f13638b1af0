/** R30: each kind of thing that Google keeps, made by one key at each of two doors, is nobody else's by any way to it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failing } from '../../src/simulator/faults.ts';
import { MODEL, openKept } from './kept-rig.ts';
import type { Answer, KeptRig } from './kept-rig.ts';

const TEXT = [{ role: 'user', parts: [{ text: 'Hello.' }] }];
const VEO = 'veo-3.1-generate-preview';

interface Made {
  readonly name: string;
  readonly door: string;
}

type Way = readonly [method: string, path: string, body?: unknown];

interface Kind {
  readonly kind: string;
  /** What the simulator is asked first to make one. */
  readonly operation: 'upload' | 'createCache' | 'createBatch' | 'createInteraction' | 'predictLongRunning';
  readonly create: (kept: KeptRig, key: string) => Promise<Made>;
  readonly list?: string;
  /** Ways to look at it and to use it; who made it may go each of them. */
  readonly uses: (name: string) => readonly Way[];
  /** Those that change or end it, in this order. */
  readonly ends: (name: string) => readonly Way[];
}

const idOf = (name: string): string => name.slice(name.indexOf('/') + 1);
const generating = (body: object): readonly Way[] => [
  ['POST', `/v1beta/models/${MODEL}:generateContent`, body],
  ['POST', `/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`, body],
];

const usesOfFile = (name: string): readonly Way[] => {
  const fileUri = `https://generativelanguage.googleapis.com/v1beta/${name}`;
  const contents = [{ role: 'user', parts: [{ text: 'Read.' }, { fileData: { fileUri, mimeType: 'text/plain' } }] }];
  const file_id = `file-${idOf(name)}`;
  return [
    ['GET', `/v1beta/${name}`],
    ['GET', `/v1/files/${file_id}`],
    ...generating({ contents }),
    ['POST', `/v1beta/models/${MODEL}:countTokens`, { contents }],
    [
      'POST',
      '/v1/chat/completions',
      { model: MODEL, messages: [{ role: 'user', content: [{ type: 'file', file: { file_id } }] }] },
    ],
    [
      'POST',
      '/v1/responses',
      { model: MODEL, store: false, input: [{ role: 'user', content: [{ type: 'input_file', file_id }] }] },
    ],
    [
      'POST',
      '/v1/messages',
      {
        model: MODEL,
        max_tokens: 9,
        messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id } }] }],
      },
    ],
    [
      'POST',
      `/v1beta/models/${MODEL}:batchGenerateContent`,
      { batch: { displayName: 'b', inputConfig: { fileName: name } } },
    ],
    ['POST', '/v1beta/interactions', { model: MODEL, store: false, input: [{ type: 'document', uri: fileUri }] }],
    ['POST', '/v1beta/cachedContents', { model: `models/${MODEL}`, contents }],
  ];
};

/** `/v1/files` is OpenAI's for who shows no other language. */
const asked = (
  kept: KeptRig,
  key: string,
  [method, path, body]: Way,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  path.startsWith('/v1/')
    ? kept.as('', method, path, body, { authorization: `Bearer ${key}`, ...headers })
    : kept.as(key, method, path, body, headers);

const making =
  (way: Way, nameIn: (body: Answer['body']) => unknown, headers: Record<string, string> = {}): Kind['create'] =>
  async (kept, key) => {
    const answer = await asked(kept, key, way, { ...headers, 'session-id': 'one' });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return { name: String(nameIn(answer.body)), door: answer.headers.get('x-relay-door') ?? '' };
  };

const KINDS: readonly Kind[] = [
  {
    kind: 'a file',
    operation: 'upload',
    create: (kept, key) => kept.uploaded(key),
    list: '/v1beta/files',
    uses: usesOfFile,
    ends: (name) => [['DELETE', `/v1beta/${name}`]],
  },
  {
    kind: 'a cache',
    operation: 'createCache',
    create: making(
      ['POST', '/v1beta/cachedContents', { model: `models/${MODEL}`, contents: TEXT }],
      (body) => body['name'],
    ),
    list: '/v1beta/cachedContents',
    uses: (name) => [
      ['GET', `/v1beta/${name}`],
      ...generating({ contents: TEXT, cachedContent: name }),
      [
        'POST',
        '/v1/chat/completions',
        { model: MODEL, messages: [{ role: 'user', content: 'Hi.' }], cached_content: name },
      ],
    ],
    ends: (name) => [
      ['PATCH', `/v1beta/${name}?updateMask=ttl`, { ttl: '7200s' }],
      ['DELETE', `/v1beta/${name}`],
    ],
  },
  {
    kind: 'a batch',
    operation: 'createBatch',
    create: making(
      [
        'POST',
        `/v1beta/models/${MODEL}:batchGenerateContent`,
        { batch: { displayName: 'b', inputConfig: { requests: { requests: [{ request: { contents: TEXT } }] } } } },
      ],
      (body) => body['name'],
    ),
    list: '/v1beta/batches',
    uses: (name) => [['GET', `/v1beta/${name}`]],
    ends: (name) => [
      ['POST', `/v1beta/${name}:cancel`, {}],
      ['DELETE', `/v1beta/${name}`],
    ],
  },
  {
    kind: 'an interaction',
    operation: 'createInteraction',
    create: making(
      ['POST', '/v1beta/interactions', { model: MODEL, input: 'Hello.' }],
      (body) => `interactions/${String(body['id'])}`,
    ),
    uses: (name) => [
      ['GET', `/v1beta/${name}`],
      ['POST', '/v1beta/interactions', { model: MODEL, input: 'More.', previous_interaction_id: idOf(name) }],
    ],
    ends: (name) => [['DELETE', `/v1beta/${name}`]],
  },
  {
    kind: 'a video’s operation',
    operation: 'predictLongRunning',
    create: making(
      ['POST', `/v1beta/models/${VEO}:predictLongRunning`, { instances: [{ prompt: 'A cat.' }] }],
      (body) => body['name'],
    ),
    list: `/v1beta/models/${VEO}/operations`,
    uses: (name) => [
      ['GET', `/v1beta/${name}`],
      ['POST', `/v1beta/models/${VEO}:fetchPredictOperation`, { operationName: name }],
    ],
    ends: () => [],
  },
  {
    kind: 'an OpenAI client’s file',
    operation: 'upload',
    create: making(
      [
        'POST',
        '/v1/files',
        '--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: text/plain\r\n\r\nHello.\r\n--x--\r\n',
      ],
      (body) => body['id'],
      { 'content-type': 'multipart/form-data; boundary=x' },
    ),
    list: '/v1/files',
    uses: (id) => usesOfFile(id.replace('file-', 'files/')),
    ends: (id) => [['DELETE', `/v1/files/${id}`]],
  },
];

describe.each(KINDS)('R30: $kind', ({ operation, create, list, uses, ends }) => {
  let kept: KeptRig;
  beforeAll(() => {
    kept = rig;
  });
  afterEach(() => {
    kept.relay.simulator.clear();
  });

  const ask = (key: string, way: Way): Promise<Answer> => asked(kept, key, way);

  const listedBy = async (key: string): Promise<string> =>
    list === undefined ? '' : JSON.stringify((await ask(key, ['GET', list])).body);

  test('is there for who made it, and for no other key by any way', async () => {
    const { ann, bob, relay } = kept;
    const first = await create(kept, ann);
    relay.simulator.next(operation, failing({ code: 429, message: 'Quota exceeded.' }));
    const second = await create(kept, ann);
    expect(new Set([first.door, second.door]).size, 'each at a door of its own').toBe(2);
    for (const { name, door } of [first, second]) {
      for (const other of [bob, relay.key]) {
        for (const way of [...uses(name), ...ends(name)]) {
          const answer = await ask(other, way);
          expect([answer.status, way], JSON.stringify(answer.body)).toEqual([404, way]);
          // Nothing of where it is, nor whose.
          expect(JSON.stringify(answer.body)).not.toMatch(/gemini-api:|key-\d/);
          expect(answer.headers.get('x-relay-door')).toBeNull();
        }
        expect(await listedBy(other)).not.toContain(idOf(name));
      }
      if (list !== undefined) expect(await listedBy(ann)).toContain(idOf(name));
      for (const way of [...uses(name), ...ends(name)]) {
        const answer = await ask(ann, way);
        expect([answer.status, answer.headers.get('x-relay-door'), way], JSON.stringify(answer.body)).toEqual([
          200,
          door,
          way,
        ]);
      }
      if (ends(name).length > 0) {
        expect((await ask(ann, uses(name)[0] ?? ['GET', '/'])).status).toBe(404);
        expect(await listedBy(ann)).not.toContain(idOf(name));
      }
    }
  });
});

let rig: KeptRig;
beforeAll(async () => {
  rig = await openKept();
});
afterAll(() => rig.relay.close());

test('sessions of different callers spread over the keys, and each stays where it is', async () => {
  const doors = new Map<string, Set<string>>();
  for (let session = 0; session < 12; session += 1) {
    for (const key of [rig.ann, rig.bob]) {
      const own = `${key}${session}`;
      const begun = await rig.begin(key, { 'session-id': `${own.slice(-8)} ${session}` });
      const again = await rig.begin(key, { 'session-id': `${own.slice(-8)} ${session}` });
      expect(again.headers.get('x-relay-door')).toBe(begun.headers.get('x-relay-door'));
      const door = begun.headers.get('x-relay-door') ?? '';
      doors.set(door, (doors.get(door) ?? new Set()).add(own));
    }
  }
  expect([...doors.keys()].sort()).toEqual(['gemini-api:one', 'gemini-api:two']);
  for (const sessions of doors.values()) expect(sessions.size).toBeGreaterThan(5);
});
