/** R24: 200 MB on their way to Google or from it take less than 60 MB of the relay's memory. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { memoryOf } from '../fuzz/heavy-relay.ts';
import { environmentOf, RELAY_KEY, spawnRelay } from '../support/relay.ts';
import type { SpawnedRelay } from '../support/relay.ts';

const MB = 1_000_000;
const SIZE = 200 * MB;
const MOST = 60 * MB;
const PIECE = Buffer.alloc(MB, 'p');
const AUTHORIZED = { 'x-goog-api-key': RELAY_KEY };

describe('R24: files of 200 MB', () => {
  let simulator: Simulator;
  let child: SpawnedRelay;
  let folder: string;
  let url: string;
  beforeAll(async () => {
    simulator = await startSimulator();
    folder = mkdtempSync(join(tmpdir(), 'files-memory-'));
    const environment = {
      ...environmentOf(simulator, folder, { door: 'gemini-api' }),
      MAX_BODY_BYTES: String(32 * MB),
    };
    child = spawnRelay(environment, folder);
    url = await child.listening;
    // What is loaded with the first file of any kind is no file's.
    await uploaded(MB);
    await formed(MB);
    await downloaded(MB);
  });
  afterAll(async () => {
    child.kill('SIGKILL');
    await child.ended;
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function* bytes(size: number): AsyncGenerator<Buffer> {
    for (let sent = 0; sent < size; sent += PIECE.length) {
      yield PIECE;
      await new Promise(setImmediate);
    }
  }

  const uploaded = async (size: number): Promise<string | undefined> => {
    const begun = await fetch(`${url}/upload/v1beta/files`, {
      method: 'POST',
      headers: {
        ...AUTHORIZED,
        'content-type': 'application/json',
        'x-goog-upload-protocol': 'resumable',
        'x-goog-upload-command': 'start',
        'x-goog-upload-header-content-type': 'text/plain',
      },
      body: '{}',
    });
    const sent = await fetch(begun.headers.get('x-goog-upload-url') ?? '', {
      method: 'POST',
      headers: { 'x-goog-upload-command': 'upload, finalize', 'x-goog-upload-offset': '0' },
      body: bytes(size),
      duplex: 'half',
    });
    return ((await sent.json()) as { file?: { sha256Hash: string } }).file?.sha256Hash;
  };

  /** As OpenAI's clients send it. */
  const formed = async (size: number): Promise<number | undefined> => {
    async function* form(): AsyncGenerator<Buffer> {
      yield Buffer.from('--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n');
      yield Buffer.from('--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n');
      yield* bytes(size);
      yield Buffer.from('\r\n--x--\r\n');
    }
    const sent = await fetch(`${url}/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${RELAY_KEY}`, 'content-type': 'multipart/form-data; boundary=x' },
      body: form(),
      duplex: 'half',
    });
    return ((await sent.json()) as { bytes?: number }).bytes;
  };

  const downloaded = async (size: number): Promise<{ readonly bytes: number; readonly sha256: string }> => {
    const json = async (path: string, body?: unknown) =>
      (await (
        await fetch(`${url}/v1beta/${path}`, {
          headers: { ...AUTHORIZED, 'content-type': 'application/json' },
          ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
        })
      ).json()) as { name: string };
    const { name } = await json('models/veo-3.1-generate-preview:predictLongRunning', { instances: [{ prompt: 'x' }] });
    await json(name);
    const [, file = ''] = /(files\/[\w-]+):download/.exec(JSON.stringify(await json(name))) ?? [];
    for (const { project } of simulator.apiKeys.values()) {
      const made = simulator.kept.files.find(file, project);
      if (made) simulator.kept.files.put(file, { ...made, content: { piece: PIECE, sizeBytes: size } });
    }
    const hash = createHash('sha256');
    let count = 0;
    const { body } = await fetch(`${url}/v1beta/${file}:download?alt=media`, { headers: AUTHORIZED });
    for await (const piece of body ?? []) {
      hash.update(piece as Uint8Array);
      count += (piece as Uint8Array).length;
    }
    return { bytes: count, sha256: hash.digest('hex') };
  };

  /** The most that it held meanwhile, above what it held before. */
  const growthIn = async <Result>(act: () => Promise<Result>): Promise<readonly [Result, number]> => {
    const before = memoryOf(child, 'VmRSS');
    writeFileSync(`/proc/${child.process.pid}/clear_refs`, '5');
    const result = await act();
    return [result, memoryOf(child, 'VmHWM') - before];
  };

  const expected = createHash('sha256');
  for (let size = 0; size < SIZE; size += PIECE.length) expected.update(PIECE);
  const sha256 = expected.digest('hex');

  test('R24: uploaded in two steps', async () => {
    const [hash, growth] = await growthIn(() => uploaded(SIZE));
    expect(Buffer.from(hash ?? '', 'base64').toString()).toBe(sha256);
    expect(growth).toBeLessThan(MOST);
  }, 60_000);

  test('R24: uploaded as a form', async () => {
    const [size, growth] = await growthIn(() => formed(SIZE / 2));
    expect(size).toBe(SIZE / 2);
    expect(growth).toBeLessThan(MOST);
  }, 60_000);

  test('R24: a recording that is longer than bodies may be is refused, and is not held', async () => {
    async function* form(): AsyncGenerator<Buffer> {
      yield Buffer.from('--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n');
      yield Buffer.from('--x\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n');
      yield* bytes(SIZE);
      yield Buffer.from('\r\n--x--\r\n');
    }
    const [status, growth] = await growthIn(async () => {
      const sent = await fetch(`${url}/v1/audio/transcriptions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${RELAY_KEY}`, 'content-type': 'multipart/form-data; boundary=x' },
        body: form(),
        duplex: 'half',
      });
      await sent.text();
      return sent.status;
    });
    expect(status).toBe(413);
    expect(growth).toBeLessThan(MOST);
  }, 60_000);

  test('R24: downloaded', async () => {
    const [{ bytes: size, sha256: found }, growth] = await growthIn(() => downloaded(SIZE));
    expect([size, found]).toEqual([SIZE, sha256]);
    expect(growth).toBeLessThan(MOST);
  }, 60_000);
});
