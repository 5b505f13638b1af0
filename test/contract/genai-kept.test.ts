/** Files, caches, batches, interactions and videos by Google's own SDK, over a door of the Gemini API. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

describe.each(['v1beta', 'v1'])('@google/genai by %s', (apiVersion) => {
  let relay: TestRelay;
  let genai: GoogleGenAI;
  const folder = mkdtempSync(join(tmpdir(), 'relay-files-'));
  beforeAll(async () => {
    relay = await startRelay({ door: 'gemini-api' });
    genai = new GoogleGenAI({ apiKey: relay.key, apiVersion, httpOptions: { baseUrl: relay.url } });
  });
  afterAll(async () => {
    await relay.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const upload = (size = 1000, mimeType = 'text/plain') =>
    genai.files.upload({
      file: new Blob([new Uint8Array(size).fill(97)]),
      config: { mimeType, displayName: 'größe.txt' },
    });

  test('a file: uploaded, looked at, listed, used, deleted', async () => {
    const file = await upload();
    expect(file).toMatchObject({ displayName: 'größe.txt', sizeBytes: '1000', state: 'ACTIVE' });
    const name = file.name ?? '';
    expect(await genai.files.get({ name })).toMatchObject({ name, mimeType: 'text/plain' });
    const listed: (string | undefined)[] = [];
    for await (const one of await genai.files.list({ config: { pageSize: 2 } })) listed.push(one.name);
    expect(listed).toEqual([name]);
    const answer = await genai.models.generateContent({
      model: 'gemini-2.5-flash',
      contents: [
        {
          role: 'user',
          parts: [{ text: 'Read this.' }, { fileData: { fileUri: file.uri ?? '', mimeType: 'text/plain' } }],
        },
      ],
    });
    expect(answer.text).not.toBe('');
    await genai.files.delete({ name });
    await expect(genai.files.get({ name })).rejects.toThrow(/There is no 'files\//);
    for await (const one of await genai.files.list()) expect(one.name).not.toBe(name);
  });

  test('a list is whole whatever Google has no more, by pages of any size', async () => {
    const names: string[] = [];
    for (let count = 0; count < 7; count += 1) names.push((await upload(10)).name ?? '');
    // Deleted with the same key, and not through the relay: the oldest, the newest and some between.
    for (const at of [0, 2, 3, 6]) relay.simulator.kept.files.remove(names[at] ?? '');
    const living = [5, 4, 1].map((at) => names[at]);
    for (const pageSize of [1, 2, 3, 50]) {
      const listed: (string | undefined)[] = [];
      for await (const { name } of await genai.files.list({ config: { pageSize } })) listed.push(name);
      expect(listed).toEqual(living);
    }
    // What was read is deleted while the rest is still to come.
    const seen: (string | undefined)[] = [];
    for await (const { name = '' } of await genai.files.list({ config: { pageSize: 1 } })) {
      seen.push(name);
      await genai.files.delete({ name });
    }
    expect(seen).toEqual(living);
  });

  test('what Google says is not there is asked for once', async () => {
    const make = async () => {
      const src = [{ contents: [{ parts: [{ text: 'Hi' }] }] }];
      const config = { displayName: 'b' };
      return (await genai.batches.create({ model: 'gemini-2.5-flash', src, config })).name ?? '';
    };
    const [gone, living] = [await make(), await make()];
    relay.simulator.kept.batches.remove(gone);
    for (let times = 0; times < 2; times += 1) {
      const listed: (string | undefined)[] = [];
      for await (const { name } of await genai.batches.list()) listed.push(name);
      expect(listed).toEqual([living]);
    }
    expect(relay.simulator.asked('getBatch').filter(({ path }) => path.endsWith(gone))).toHaveLength(1);
    await genai.batches.delete({ name: living });
  });

  test('an upload of several requests', async () => {
    const before = relay.simulator.asked('upload').length;
    const file = await upload(20 * 1024 * 1024, 'application/octet-stream');
    expect(file.sizeBytes).toBe(String(20 * 1024 * 1024));
    expect(relay.simulator.asked('upload').length - before).toBe(4);
  });

  test('a cache: made, used, prolonged, listed, deleted', async () => {
    const cache = await genai.caches.create({
      model: 'gemini-2.5-flash',
      config: { contents: 'A long text.', ttl: '600s', displayName: 'mine' },
    });
    const name = cache.name ?? '';
    expect(await genai.caches.get({ name })).toMatchObject({ name, displayName: 'mine' });
    const answer = await genai.models.generateContent({
      model: 'gemini-2.5-flash',
      contents: 'Hello.',
      config: { cachedContent: name },
    });
    expect(answer.text).not.toBe('');
    const longer = await genai.caches.update({ name, config: { ttl: '7200s' } });
    expect(Date.parse(longer.expireTime ?? '')).toBeGreaterThan(Date.now() + 7_000_000);
    const names: (string | undefined)[] = [];
    for await (const one of await genai.caches.list()) names.push(one.name);
    expect(names).toEqual([name]);
    await genai.caches.delete({ name });
    await expect(genai.caches.get({ name })).rejects.toThrow(/There is no 'cachedContents\//);
  });

  test('a batch with its requests, and one from a file whose answers are a file', async () => {
    const inline = await genai.batches.create({
      model: 'gemini-2.5-flash',
      src: [{ contents: [{ role: 'user', parts: [{ text: 'Hello.' }] }] }],
      config: { displayName: 'inline' },
    });
    const name = inline.name ?? '';
    expect(inline.state).toBe('JOB_STATE_PENDING');
    await genai.batches.get({ name });
    const done = await genai.batches.get({ name });
    expect(done.state).toBe('JOB_STATE_SUCCEEDED');
    expect(done.dest?.inlinedResponses).toHaveLength(1);

    const file = await genai.files.upload({
      file: new Blob(['{"key":"1","request":{"contents":[{"parts":[{"text":"Hello."}]}]}}\n']),
      config: { mimeType: 'application/jsonl' },
    });
    const fromFile = await genai.batches.create({
      model: 'gemini-2.5-flash',
      src: file.name ?? '',
      config: { displayName: 'from a file' },
    });
    await genai.batches.get({ name: fromFile.name ?? '' });
    const ended = await genai.batches.get({ name: fromFile.name ?? '' });
    const downloadPath = join(folder, 'answers.jsonl');
    await genai.files.download({ file: ended.dest?.fileName ?? '', downloadPath });
    expect(readFileSync(downloadPath, 'utf8')).toContain('Batched.');
    const names: (string | undefined)[] = [];
    for await (const one of await genai.batches.list()) names.push(one.name);
    expect(names).toEqual([fromFile.name, name]);
    await genai.batches.cancel({ name });
    await genai.batches.delete({ name });
    await expect(genai.batches.get({ name })).rejects.toThrow(/There is no 'batches\//);
  });

  test('a batch of embeddings', async () => {
    const batch = await genai.batches.createEmbeddings({
      model: 'gemini-embedding-001',
      src: { inlinedRequests: { contents: ['Hello.'] } },
      config: { displayName: 'vectors' },
    });
    expect(batch.name).toMatch(/^batches\//);
  });

  test('a video, by the address that its operation has', async () => {
    const ask = async (path: string, init: RequestInit = {}) => {
      const headers = { 'x-goog-api-key': relay.key, 'content-type': 'application/json' };
      const answer = await fetch(`${relay.url}/${apiVersion}/${path}`, { ...init, headers });
      return (await answer.json()) as { name: string; done?: boolean; response?: { generateVideoResponse: unknown } };
    };
    const begun = await ask('models/veo-3.1-generate-preview:predictLongRunning', {
      method: 'POST',
      body: JSON.stringify({ instances: [{ prompt: 'A cat.' }] }),
    });
    expect(begun.name).toMatch(/^models\/veo-3\.1-generate-preview\/operations\//);
    await ask(begun.name);
    const ended = await ask(begun.name);
    expect(ended.done).toBe(true);
    const [, file = ''] = /(files\/[\w-]+):download/.exec(JSON.stringify(ended.response)) ?? [];
    const downloadPath = join(folder, 'cat.mp4');
    await genai.files.download({ file, downloadPath });
    expect(readFileSync(downloadPath)).toHaveLength(1_000_000);
  });

  test('a video by the SDK’s own operations, which it has in its Vertex form only', async () => {
    const cloud = new GoogleGenAI({ vertexai: true, apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
    let operation = await cloud.models.generateVideos({
      model: 'veo-3.1-generate-preview',
      source: { prompt: 'A cat.' },
    });
    expect(operation.name).toMatch(/^models\/veo-3\.1-generate-preview\/operations\//);
    for (let looks = 0; operation.done !== true && looks < 5; looks += 1) {
      operation = await cloud.operations.getVideosOperation({ operation });
    }
    expect(operation.done).toBe(true);
  });

  test('an interaction, whole and as events, and one that goes on', async () => {
    const first = await genai.interactions.create({ model: 'gemini-2.5-flash', input: 'files/are-no-files-in-a-text' });
    expect(first).toMatchObject({ status: 'completed' });
    const events: string[] = [];
    const stream = await genai.interactions.create({
      model: 'gemini-2.5-flash',
      input: 'Hello.',
      stream: true,
      previous_interaction_id: first.id,
    });
    for await (const event of stream) events.push(event.event_type);
    expect(events[0]).toBe('interaction.created');
    expect(events.at(-1)).toBe('interaction.completed');
    const { id } = first;
    expect(await genai.interactions.get(id)).toMatchObject({ id });
    await genai.interactions.delete(id);
    await expect(genai.interactions.get(id)).rejects.toThrow(/There is no 'interactions\//);
  });
});
