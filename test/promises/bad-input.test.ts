/** R28: at every address that the relay serves, what is wrong with a request is told by a 4xx that names it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { families } from '../../src/formats/families.ts';
import { newKeyAt } from '../keys/people.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { wavOf } from '../support/wav.ts';

const MODEL = 'gemini-2.5-flash';
const VEO = 'veo-3.1-generate-preview';

type Sent = Readonly<Record<string, unknown>> | FormData | string;

interface Bad {
  /** What takes the place of `{…}`, and a query behind it. */
  readonly at?: string;
  readonly query?: string;
  readonly body?: Sent;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** What the answer has to name. */
  readonly says: string;
}

const form = (fields: Readonly<Record<string, string | Blob>>): FormData => {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  return made;
};
const sound = (): Blob => new Blob([wavOf(1)], { type: 'audio/wav' });
const words = (): Blob => new Blob(['words'], { type: 'text/plain' });

const body = (sent: Sent, says: string, status = 400): Bad => ({ body: sent, status, says });
const query = (asked: string, says: string): Bad => ({ query: asked, status: 400, says });
/** Names that are nobody's. */
const nobodys = (says: string, more: Partial<Bad> = {}): Bad => ({ at: 'nope', status: 404, says, ...more });

const NO_JSON = body('{"model": ', 'JSON');
const NO_OBJECT = body('[]', 'JSON object');
const NO_FORM = body({}, 'multipart/form-data', 415);
const UPLOADING = { 'x-goog-upload-command': 'upload, finalize', 'x-goog-upload-offset': '0' };
const ANY_MODEL = 'gemini-9-none';

const LISTED = [query('pageSize=x', 'pageSize'), query('pageSize=-1', 'pageSize'), query('pageToken=x', 'pageToken')];

const TABLE: Readonly<Record<string, readonly Bad[]>> = {
  // It reads nothing of a request.
  'openai models': [],
  'openai model': [nobodys("'nope'")],
  'openai chat': [NO_JSON, body({ model: MODEL }, 'messages'), body({ model: 7, messages: [] }, 'model')],
  'openai responses': [NO_JSON, body({ model: MODEL }, 'input'), body({ model: MODEL, input: 7 }, 'input')],
  'openai response': [nobodys("'nope'")],
  'openai response-delete': [nobodys("'nope'")],
  'openai response-input': [nobodys("'nope'")],
  'openai response-cancel': [nobodys("'nope'")],
  'openai responses-tokens': [NO_JSON, body({}, 'model'), body({ model: MODEL, input: 7 }, 'input')],
  'openai responses-compact': [NO_JSON, body({}, 'model')],
  'openai files-upload': [
    NO_FORM,
    body(form({ purpose: 'user_data' }), 'file'),
    body(form({ file: words() }), 'purpose'),
    body(form({ purpose: 'fun', file: words() }), 'purpose'),
    body(form({ purpose: 'user_data', other: words() }), 'other'),
  ],
  'openai files': [query('limit=0', 'limit'), query('after=nope', 'after'), query('order=sideways', 'order')],
  'openai file': [nobodys("'nope'")],
  'openai file-content': [nobodys("'nope'")],
  'openai file-delete': [nobodys("'nope'")],
  'openai completions': [NO_JSON, body({ model: MODEL }, 'prompt')],
  'openai embeddings': [NO_JSON, body({ model: 'text-embedding-3-small' }, 'input')],
  'openai speech': [
    NO_JSON,
    body({ model: 'tts-1', voice: 'alloy' }, 'input'),
    body({ model: 'tts-1', input: 'Hi.', voice: 'bob' }, "'bob'"),
    body({ model: 'tts-1', input: 'Hi.', voice: 'alloy', response_format: 'mp3' }, 'response_format'),
  ],
  'openai transcriptions': [
    NO_FORM,
    body(form({ model: 'whisper-1' }), 'file'),
    body(form({ model: 'whisper-1', file: words() }), 'file'),
    body(form({ model: 'whisper-1', response_format: 'docx', file: sound() }), 'response_format'),
  ],
  'openai translations': [
    NO_FORM,
    body(form({ model: 'whisper-1' }), 'file'),
    body(form({ model: 'whisper-1', response_format: 'docx', file: sound() }), 'response_format'),
  ],
  'openai images': [
    NO_JSON,
    body({ model: 'gpt-image-1' }, 'prompt'),
    body({ model: 'gpt-image-1', prompt: 'A cat.', n: 0 }, "'n'"),
    body({ model: 'gpt-image-1', prompt: 'A cat.', size: 'huge' }, 'size'),
  ],
  'openai image-edits': [
    NO_FORM,
    body(form({ model: 'gpt-image-1', prompt: 'A cat.' }), 'image'),
    body(form({ model: 'gpt-image-1', prompt: 'A cat.', image: words() }), 'image'),
    body(form({ model: 'gpt-image-1', prompt: 'A cat.', image: words(), mask: words() }), 'mask'),
  ],
  'anthropic messages': [NO_JSON, body({ model: MODEL }, 'messages'), body({ model: MODEL, messages: [] }, 'messages')],
  'anthropic count': [NO_JSON, body({ model: MODEL }, 'messages')],
  'anthropic models': [query('limit=x', 'limit')],
  'anthropic model': [nobodys('nope')],
  'gemini models': [query('pageSize=x', 'pageSize'), query('pageToken=x', 'pageToken')],
  'gemini model': [nobodys('models/nope')],
  'gemini generate': [NO_JSON, body({}, 'contents'), body({ contents: 1 }, 'contents')],
  'gemini stream': [NO_JSON, body({}, 'contents'), { ...body({ contents: [] }, 'alt'), query: 'alt=xml' }],
  'gemini count': [NO_JSON, body({}, 'contents')],
  'gemini embed': [NO_JSON, body({}, 'content')],
  'gemini batch-embed': [NO_JSON, body({}, 'requests')],
  'gemini live': [{ status: 426, says: 'WebSocket' }],
  'gemini upload': [
    body('', 'x-goog-upload-protocol'),
    { ...body('', 'carrier-pigeon'), headers: { 'x-goog-upload-protocol': 'carrier-pigeon' } },
    { ...body('', 'start'), headers: { 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'fly' } },
    { ...body('x', 'nope', 404), query: 'upload_id=nope', headers: UPLOADING },
    {
      ...body('x', 'boundary'),
      headers: { 'x-goog-upload-protocol': 'multipart', 'content-type': 'multipart/related' },
    },
    { ...NO_JSON, headers: { 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start' } },
  ],
  'gemini files': LISTED,
  'gemini file': [nobodys('files/nope')],
  'gemini file-delete': [nobodys('files/nope')],
  'gemini download': [nobodys('files/nope')],
  'gemini cache-create': [
    NO_JSON,
    NO_OBJECT,
    body({}, 'model'),
    body({ model: 7 }, 'model'),
    body({ model: `models/${ANY_MODEL}` }, ANY_MODEL, 404),
    body(
      {
        model: `models/${MODEL}`,
        contents: [{ parts: [{ fileData: { fileUri: 'files/nope', mimeType: 'text/plain' } }] }],
      },
      'nope',
      404,
    ),
  ],
  'gemini caches': LISTED,
  'gemini cache': [nobodys('cachedContents/nope')],
  'gemini cache-prolong': [NO_JSON, NO_OBJECT, nobodys('cachedContents/nope', { body: { ttl: '60s' } })],
  'gemini cache-delete': [nobodys('cachedContents/nope')],
  'gemini batch': [
    NO_JSON,
    NO_OBJECT,
    body({}, 'requests'),
    nobodys('nope', { body: { batch: inputOf('files/nope') } }),
  ],
  'gemini batch-vectors': [NO_JSON, NO_OBJECT, body({}, 'requests')],
  'gemini batches': LISTED,
  'gemini batch-state': [nobodys('batches/nope')],
  'gemini batch-cancel': [NO_JSON, nobodys('batches/nope', { body: {} })],
  'gemini batch-delete': [nobodys('batches/nope')],
  'gemini interaction-create': [
    NO_JSON,
    NO_OBJECT,
    body({}, 'model'),
    body({ model: MODEL }, 'input'),
    body({ model: ANY_MODEL, input: 'Hi.' }, ANY_MODEL, 404),
    body({ model: MODEL, input: 'Hi.', previous_interaction_id: 'nope' }, 'nope', 404),
  ],
  'gemini interaction': [nobodys('interactions/nope')],
  'gemini interaction-cancel': [NO_JSON, nobodys('interactions/nope', { body: {} })],
  'gemini interaction-delete': [nobodys('interactions/nope')],
  'gemini video': [NO_JSON, NO_OBJECT, { at: VEO, ...body({}, 'instances') }, body({ instances: [{}] }, MODEL, 404)],
  'gemini operation': [nobodys('operations/nope')],
  'gemini operation-look': [
    NO_JSON,
    body({}, 'operationName'),
    body({ operationName: 7 }, 'operationName'),
    body({ operationName: `models/${VEO}/operations/nope` }, 'operations/nope', 404),
  ],
};

function inputOf(fileName: string): object {
  return { displayName: 'b', inputConfig: { fileName } };
}

let relay: TestRelay;
/** A client's: of the owner's things only Google knows which there are. */
let key: string;
beforeAll(async () => {
  relay = await startRelay({ door: 'gemini-api', env: { DATABASE_URL: undefined, MAX_RETRIES: '0' } });
  key = (await newKeyAt(relay)).secret;
});
afterAll(() => relay.close());

const endpoints = families.flatMap(({ name: family, mark = {}, endpoints: all }) =>
  all.map((endpoint) => ({ ...endpoint, family, mark, id: `${family} ${endpoint.name}` })),
);

test('R28: the table has every address, and no other', () => {
  expect(Object.keys(TABLE).sort()).toEqual(endpoints.map(({ id }) => id).sort());
});

describe.each(endpoints)('R28: $family: $method $path', ({ id, method, path, query: usual, mark }) => {
  const send = (bad: Partial<Bad>, presented: Readonly<Record<string, string>>): Promise<Response> => {
    const { at = 'nope', query: asked = usual, body: sent } = bad;
    const model = path.endsWith('{model}') || at === VEO ? at : MODEL;
    const address = path.replace('{model}', model).replace(/\{\w+\}/, at);
    return fetch(`${relay.url}${address}${asked === undefined ? '' : `?${asked}`}`, {
      method,
      headers: {
        ...mark,
        ...presented,
        ...(sent !== undefined && !(sent instanceof FormData) && { 'content-type': 'application/json' }),
        ...bad.headers,
      },
      ...(sent !== undefined && {
        body: typeof sent === 'string' || sent instanceof FormData ? sent : JSON.stringify(sent),
      }),
    });
  };

  test('what is wrong is named', async () => {
    for (const bad of TABLE[id] ?? []) {
      const answer = await send(bad, { authorization: `Bearer ${key}` });
      const text = await answer.text();
      const { error } = JSON.parse(text) as { readonly error?: { readonly message: string } };
      expect([answer.status, error?.message], `${JSON.stringify(bad)} ${text}`).toEqual([
        bad.status,
        expect.stringContaining(bad.says),
      ]);
      expect(answer.headers.get('x-request-id')).toBeTruthy();
    }
  });

  test('who shows no key is told that first', async () => {
    const answer = await send(TABLE[id]?.[0] ?? {}, {});
    expect([answer.status, await answer.text()]).toEqual([401, expect.stringContaining('key')]);
  });
});

test('R28: none of it closed the door to Google', () => {
  for (const door of relay.relay.parts.door.control.states()) {
    expect(door).toMatchObject({ state: 'ok' });
    expect(JSON.stringify(door)).not.toMatch(/cooling|failing|invalid/);
  }
});
