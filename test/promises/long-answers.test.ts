/** R24: answers that are put together of many, against a relay with the memory of a small container. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHeavyRelay } from '../fuzz/heavy-relay.ts';
import type { HeavyRelay } from '../fuzz/heavy-relay.ts';
import { RELAY_KEY } from '../support/relay.ts';

const MIB = 1024 * 1024;
const HEAP_MB = 512;
const CONTAINER_MB = 1024;

let relay: HeavyRelay;
beforeAll(async () => {
  relay = await openHeavyRelay(HEAP_MB, CONTAINER_MB, 'gemini-api');
});
afterAll(() => relay.close());

interface Answered {
  readonly status: number;
  readonly bytes: number;
}

const ask = async (path: string, body: object): Promise<Answered> => {
  const response = await fetch(relay.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${RELAY_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  let bytes = 0;
  for await (const piece of response.body ?? []) bytes += (piece as Uint8Array).length;
  return { status: response.status, bytes };
};

const EMBEDDING = 'gemini-embedding-001';
const text = { content: { parts: [{ text: 'a' }] } };

test.each([
  ['/v1/embeddings', { model: EMBEDDING, input: Array.from({ length: 2048 }, () => 'a') }],
  [`/v1beta/models/${EMBEDDING}:batchEmbedContents`, { requests: Array.from({ length: 2048 }, () => text) }],
])(
  'R24: as many vectors as one request may ask for, twice at once: %s',
  async (path, body) => {
    const answers = await Promise.all(Array.from({ length: 2 }, () => ask(path, body)));
    for (const { status } of answers) expect([200, 503]).toContain(status);
    const whole = answers.filter(({ status }) => status === 200);
    expect(whole.length).toBeGreaterThan(0);
    for (const { bytes } of whole) expect(bytes).toBeGreaterThan(60 * MIB);
    expect(await relay.isAlive()).toBe(true);
  },
  240_000,
);
