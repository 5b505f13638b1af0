import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type Served } from '../serve.ts';

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.close());

const post = (path: string, body: Buffer, encoding: string): Promise<Response> =>
  served.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': encoding },
    body: new Uint8Array(body),
  });

const BODY = JSON.stringify({ model: 'gemini-2.5-flash', input: 'héllo '.repeat(1000) });
const WAYS = [
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const;

describe.each(WAYS)('a body in %s', (encoding, compress) => {
  it('is read at /v1/responses', async () => {
    expect((await post('/v1/responses', compress(BODY), encoding)).status).toBe(200);
    expect(served.calls.at(-1)?.request.contents?.[0]?.parts?.[0]?.text).toBe('héllo '.repeat(1000));
  });

  it('is refused elsewhere', async () => {
    expect((await post('/v1/chat/completions', compress(BODY), encoding)).status).toBe(415);
  });

  it('is counted by what it becomes, and no further than to the limit', async () => {
    const bomb = compress(Buffer.alloc(200_000_000, 0x20));
    expect(bomb.length).toBeLessThan(1_000_000);
    const response = await post('/v1/responses', bomb, encoding);
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('MAX_BODY_BYTES');
  });

  it.each([
    ['no such thing', Buffer.from('{"model":"x"}')],
    ['cut off', compress(BODY).subarray(0, 40)],
  ])('is a 400 where it is %s', async (_name, body) => {
    const response = await post('/v1/responses', body, encoding);
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/content-encoding/);
  });
});

it('other compressions are refused', async () => {
  const response = await post('/v1/responses', gzipSync(BODY), 'br');
  expect(response.status).toBe(415);
  expect(await response.text()).toContain('gzip or zstd');
});
