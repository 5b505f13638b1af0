/** What Google keeps is there for the key that made it, at the door that has it, and for nobody else. */
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import OpenAI, { toFile } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failing, resetAfter } from '../../src/simulator/faults.ts';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import type { TestRelay } from '../support/relay.ts';
import { MODEL, openKept } from './kept-rig.ts';
import type { Answer, KeptRig } from './kept-rig.ts';
import { eventually } from '../support/eventually.ts';

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

const as: KeptRig['as'] = (...asked) => kept.as(...asked);
const begin: KeptRig['begin'] = (...asked) => kept.begin(...asked);
const goOn: KeptRig['goOn'] = (...asked) => kept.goOn(...asked);
const uploaded: KeptRig['uploaded'] = (...asked) => kept.uploaded(...asked);

const nameOf = ({ body: { name, id } }: Answer): string =>
  typeof name === 'string' ? name : `interactions/${id as string}`;

describe('R30: doors', () => {
  test('two doors: each thing is asked for where it is, and a list has those of both', async () => {
    const files = [await uploaded(bob), await uploaded(bob), await uploaded(bob)];
    for (let more = 0; more < 3; more += 1) {
      // The usual door refuses, and the other one takes it.
      relay.simulator.next('upload', failing({ code: 429, message: 'Quota exceeded.' }));
      files.push(await uploaded(bob));
    }
    expect(new Set(files.map(({ door }) => door))).toEqual(new Set(['gemini-api:one', 'gemini-api:two']));
    for (const { name, door } of files) {
      const answer = await as(bob, 'GET', `/v1beta/${name}`);
      expect([answer.status, answer.headers.get('x-relay-door')]).toEqual([200, door]);
    }
    const first = await as(bob, 'GET', '/v1beta/files?pageSize=4');
    const rest = await as(bob, 'GET', `/v1beta/files?pageSize=4&pageToken=${String(first.body['nextPageToken'])}`);
    const names = [first, rest].flatMap(({ body }) => (body['files'] as { name: string }[]).map(({ name }) => name));
    expect(names.sort()).toEqual(files.map(({ name }) => name).sort());
    const apart = ['gemini-api:one', 'gemini-api:two'].map((door) => files.find((file) => file.door === door)?.uri);
    const parts = apart.map((fileUri) => ({ fileData: { fileUri } }));
    const mixed = await as(bob, 'POST', `/v1beta/models/${MODEL}:generateContent`, { contents: [{ parts }] });
    expect([mixed.status, JSON.stringify(mixed.body)]).toEqual([400, expect.stringContaining('different doors')]);
  });
});

describe('a file that is not there', () => {
  const ways = (file_id: string) =>
    [
      [
        '/v1/chat/completions',
        { model: MODEL, messages: [{ role: 'user', content: ['Read.', { type: 'file', file: { file_id } }] }] },
        'messages[0].content[1].file.file_id',
      ],
      [
        '/v1/responses',
        { model: MODEL, input: [{ role: 'user', content: [{ type: 'input_file', file_id }] }] },
        'input[0].content[0].file_id',
      ],
      [
        '/v1/messages',
        {
          ...{ model: MODEL, max_tokens: 9 },
          messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id } }] }],
        },
        'messages[0].content[0].source.file_id',
      ],
    ] as const;

  test.each([false, true])('is a 404 that names the field and what to do (streamed: %s)', async (stream) => {
    for (const key of [ann, relay.key]) {
      for (const [path, body, param] of ways('file-nobodys')) {
        const { status, body: said } = await as(key, 'POST', path, { ...body, stream });
        const { message, ...error } = said['error'] as { readonly message: string };
        expect([path, status, message.startsWith(`'${param}': There is no `)]).toEqual([path, 404, true]);
        expect(message).toContain(
          path === '/v1/messages' ? 'as base64 or by its url' : 'Upload it with POST /v1/files',
        );
        expect(error).toMatchObject(path === '/v1/messages' ? { type: 'not_found_error' } : { param });
      }
    }
  });

  test('of several: each field is named', async () => {
    const file = (file_id: string) => ({ type: 'file', file: { file_id } });
    const messages = [{ role: 'user', content: [file('file-a'), file('file-b'), file('file-a')] }];
    const { status, body } = await as(relay.key, 'POST', '/v1/chat/completions', { model: MODEL, messages });
    expect(status).toBe(404);
    expect(body['error']).toMatchObject({
      param: null,
      message: expect.stringContaining(
        "'messages[0].content[0].file.file_id', 'messages[0].content[1].file.file_id': There is no",
      ) as string,
    });
  });

  test('a cache that is not there, too', async () => {
    const messages = [{ role: 'user', content: 'a' }];
    const asked = { model: MODEL, messages, cached_content: 'cachedContents/nobodys' };
    const { status, body } = await as(relay.key, 'POST', '/v1/chat/completions', asked);
    expect([status, body['error']]).toMatchObject([404, { param: 'cached_content', code: 'resource_not_found' }]);
  });

  test("what Google refuses for another reason stays Google's", async () => {
    relay.simulator.next('generate', failing({ code: 400, message: 'Unsupported MIME type.' }));
    const { name } = await uploaded(ann);
    const [[, body]] = ways(name);
    const { status, body: said } = await as(ann, 'POST', '/v1/chat/completions', body);
    expect([status, said['error']]).toMatchObject([400, { message: 'Unsupported MIME type.', param: null }]);
  });

  test("Google's clients get Google's words", async () => {
    const contents = [{ role: 'user', parts: [{ fileData: { fileUri: 'files/nobodys' } }] }];
    const asked = await as(relay.key, 'POST', `/v1beta/models/${MODEL}:generateContent`, { contents });
    expect([asked.status, asked.body['error']]).toMatchObject([403, { status: 'PERMISSION_DENIED' }]);
  });
});

test('what a door keeps that its owner has switched off is not asked for', async () => {
  const { name, door } = await uploaded(bob);
  const { control } = relay.relay.parts.door;
  control.off(door, true);
  const before = relay.simulator.asked('getFile').length;
  const answer = await as(bob, 'GET', `/v1beta/${name}`);
  expect([answer.status, JSON.stringify(answer.body)]).toEqual([503, expect.stringContaining('1 switched off (off)')]);
  expect(relay.simulator.asked('getFile')).toHaveLength(before);
  control.off(door, false);
  expect((await as(bob, 'GET', `/v1beta/${name}`)).status).toBe(200);
});

describe('faults', () => {
  test('a door that refuses is left for another before anything is made', async () => {
    relay.simulator.next('upload', failing({ code: 429, message: 'Quota exceeded.' }));
    const begun = await begin(ann);
    expect(begun.status).toBe(200);
    expect(relay.simulator.asked('upload')).toHaveLength(2);
  });

  const brokenOff: Fault = async (ask) => {
    for await (const piece of ask.body ?? []) if (piece.length > 0) break;
    return { status: 200, headers: {}, before: [{ kind: 'reset' }], steps: [] };
  };

  test('an upload that Google breaks off is told, and goes on where it stopped', async () => {
    const begun = await begin(ann);
    relay.simulator.next(({ query }) => query.has('upload_id'), brokenOff);
    expect((await goOn(ann, begun, 'x'.repeat(300_000))).status).toBe(502);
    const state = await goOn(ann, begun, '', 'query');
    expect(state.headers.get('x-goog-upload-status')).toBe('active');
    const done = await goOn(
      ann,
      begun,
      'again',
      'upload, finalize',
      state.headers.get('x-goog-upload-size-received') ?? '',
    );
    expect(done.status).toBe(200);
  });

  test('a download that breaks off is cut, and never looks complete', async () => {
    const made = await as(ann, 'POST', '/v1beta/models/veo-3.1-generate-preview:predictLongRunning', {
      instances: [{ prompt: 'x' }],
    });
    await as(ann, 'GET', `/v1beta/${nameOf(made)}`);
    const ended = await as(ann, 'GET', `/v1beta/${nameOf(made)}`);
    const [, file = ''] = /(files\/[\w-]+):download/.exec(JSON.stringify(ended.body)) ?? [];
    relay.simulator.next('downloadFile', resetAfter(3));
    await expect(as(ann, 'GET', `/v1beta/${file}:download?alt=media`)).rejects.toThrow();
    expect((await as(bob, 'GET', `/v1beta/${file}:download?alt=media`)).status).toBe(404);
    expect((await as(ann, 'GET', `/v1beta/${file}:download?alt=media`)).status).toBe(200);
  });

  test.each<[string, string, string, unknown, Record<string, string>, number, RegExp]>([
    ['no protocol', 'POST', '/upload/v1beta/files', '{}', {}, 400, /x-goog-upload-protocol/],
    ['an unknown one', 'POST', '/upload/v1beta/files', '{}', { 'x-goog-upload-protocol': 'carrier' }, 400, /carrier/],
    ['an upload of nobody’s', 'POST', '/upload/v1beta/files?upload_id=x', '', {}, 404, /no 'uploads\/x'/],
    ['no JSON', 'POST', '/v1beta/cachedContents', '{', {}, 400, /JSON/],
    [
      'a form',
      'POST',
      '/v1beta/interactions',
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      /JSON/,
    ],
    ['what Google refuses', 'POST', '/v1beta/cachedContents', '{"nonsense":1}', {}, 400, /nonsense/],
    ['a wrong method', 'PUT', '/v1beta/batches', undefined, {}, 405, /GET/],
    ['a wrong page', 'GET', '/v1beta/files?pageToken=x', undefined, {}, 400, /pageToken/],
    ['a wrong name', 'GET', '/v1beta/files/a%20b', undefined, {}, 404, /./],
  ])('%s is a precise 4xx', async (_name, method, path, body, headers, status, words) => {
    const answer = await as(ann, method, path, body, headers);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([status, expect.stringMatching(words)]);
  });

  test('a client that leaves in the middle of an upload ends it at Google', async () => {
    const begun = await begin(ann);
    const leaving = request(begun.headers.get('x-goog-upload-url') ?? '', {
      method: 'POST',
      headers: {
        'x-goog-api-key': ann,
        'x-goog-upload-command': 'upload, finalize',
        'x-goog-upload-offset': '0',
        'content-length': '1000000',
      },
    });
    leaving.on('error', () => undefined);
    leaving.write('x'.repeat(1000));
    // The second of the two: the first one began the upload.
    const sent = () => relay.simulator.asked('upload')[1];
    await relay.simulator.until(() => (sent()?.bytes ?? 0) > 0);
    leaving.destroy();
    await relay.simulator.until(() => sent()?.aborted === true);
  });
});

describe('openai: files', () => {
  test('uploaded, listed, looked at, used, deleted', async () => {
    const client = new OpenAI({ apiKey: ann, baseURL: `${relay.url}/v1`, maxRetries: 0 });
    const file = await client.files.create({
      file: await toFile(Buffer.from('Hello.'), 'größe.txt'),
      purpose: 'assistants',
    });
    expect(file).toMatchObject({
      object: 'file',
      bytes: 6,
      filename: 'größe.txt',
      purpose: 'assistants',
      status: 'processed',
    });
    expect(await client.files.retrieve(file.id)).toMatchObject({ id: file.id, purpose: 'assistants' });
    const ids: string[] = [];
    for await (const one of client.files.list({ limit: 1, purpose: 'assistants' })) ids.push(one.id);
    expect(ids).toEqual([file.id]);
    const chat = await client.chat.completions.create({
      model: MODEL,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Read.' },
            { type: 'file', file: { file_id: file.id } },
          ],
        },
      ],
    });
    expect(chat.choices[0]?.message.content).not.toBe('');
    const response = await client.responses.create({
      model: MODEL,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'Read.' },
            { type: 'input_file', file_id: file.id },
          ],
        },
      ],
    });
    expect(response.output_text).not.toBe('');
    const message = await as(ann, 'POST', '/v1/messages', {
      model: MODEL,
      max_tokens: 100,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', source: { type: 'file', file_id: file.id } },
            { type: 'text', text: 'Read.' },
          ],
        },
      ],
    });
    expect(message.status).toBe(200);
    const other = new OpenAI({ apiKey: bob, baseURL: `${relay.url}/v1`, maxRetries: 0 });
    await expect(other.files.retrieve(file.id)).rejects.toMatchObject({ status: 404 });
    // Google gives back only what it made itself.
    await expect(client.files.content(file.id)).rejects.toMatchObject({ status: 400 });
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    await expect(client.files.retrieve(file.id)).rejects.toMatchObject({ status: 404 });
  });

  test('a list goes on behind what Google has no more, and says where it ends', async () => {
    const client = new OpenAI({ apiKey: ann, baseURL: `${relay.url}/v1`, maxRetries: 0 });
    const purpose = 'vision';
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const file = await toFile(Buffer.from('Hello.'), 'a.txt');
      ids.push((await client.files.create({ file, purpose })).id);
    }
    for (const at of [0, 2, 3]) relay.simulator.kept.files.remove((ids[at] ?? '').replace('file-', 'files/'));
    const living = [ids[4], ids[1]];
    const listed: string[] = [];
    for await (const { id } of client.files.list({ limit: 1, purpose })) listed.push(id);
    expect(listed).toEqual(living);
    expect(await client.files.list({ limit: 2, purpose })).toMatchObject({
      has_more: false,
      data: living.map((id) => ({ id })),
    });
    for (const id of listed) await client.files.delete(id);
  });

  test('a door that fails behind the page harms only the next one', async () => {
    const [older, newer] = [await uploaded(bob), await uploaded(bob)];
    relay.simulator.always(
      ({ method, path }) => method === 'GET' && path.endsWith(older.name),
      failing({ code: 503, message: 'Overloaded.' }),
    );
    const { status, body } = await as(bob, 'GET', '/v1beta/files?pageSize=1');
    expect([status, body]).toEqual([
      200,
      { files: [expect.objectContaining({ name: newer.name })], nextPageToken: expect.any(String) as string },
    ]);
    const next = await as(bob, 'GET', `/v1beta/files?pageSize=1&pageToken=${String(body['nextPageToken'])}`);
    expect(next.status).toBe(503);
  });

  test('a wrong purpose leaves nothing behind', async () => {
    const client = new OpenAI({ apiKey: ann, baseURL: `${relay.url}/v1`, maxRetries: 0 });
    const wrong = client.files.create({
      file: await toFile(Buffer.from('x'), 'x.txt'),
      purpose: 'nonsense' as 'batch',
    });
    await expect(wrong).rejects.toMatchObject({ status: 400, param: 'purpose' });
    expect(relay.simulator.asked('deleteFile')).toHaveLength(1);
  });
});

describe('what is told of it', () => {
  test('the log line names door and route, an interaction its tokens, and no body', async () => {
    const from = relay.logs.length;
    await as(ann, 'POST', '/v1beta/interactions', { model: MODEL, input: 'the inner secret' });
    await uploaded(ann);
    await eventually(() => {
      const lines = relay.logs.slice(from).map((line) => JSON.parse(line) as Record<string, unknown>);
      const requests = lines.filter(({ message }) => message === 'request');
      expect(requests).toEqual([
        expect.objectContaining({
          route: '/v1beta/interactions',
          model: MODEL,
          promptTokens: 7,
          outputTokens: 8,
          door: expect.any(String) as string,
        }),
        expect.objectContaining({ route: '/upload/v1beta/files' }),
        expect.objectContaining({ route: '/upload/v1beta/files', bytesIn: 6 }),
      ]);
    });
    expect(relay.logs.slice(from).join('')).not.toMatch(/inner secret|upload_id/);
  });
});

test('a long upload passes through as it comes', async () => {
  const begun = await begin(ann, { 'x-goog-upload-header-content-type': 'application/octet-stream' });
  const size = 64 * 1024 * 1024;
  const piece = Buffer.alloc(1024 * 1024, 'u');
  const hash = createHash('sha256');
  async function* bytes(): AsyncGenerator<Buffer> {
    for (let sent = 0; sent < size; sent += piece.length) {
      hash.update(piece);
      yield piece;
      await new Promise(setImmediate);
    }
  }
  const answer = await fetch(begun.headers.get('x-goog-upload-url') ?? '', {
    method: 'POST',
    headers: { 'x-goog-api-key': ann, 'x-goog-upload-command': 'upload, finalize', 'x-goog-upload-offset': '0' },
    body: bytes(),
    duplex: 'half',
  });
  const { file } = (await answer.json()) as { file: { sizeBytes: string; sha256Hash: string } };
  expect(file.sizeBytes).toBe(String(size));
  expect(Buffer.from(file.sha256Hash, 'base64').toString()).toBe(hash.digest('hex'));
});
