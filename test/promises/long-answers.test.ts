/** R24: answers that are put together of many, against a relay with the memory of a small container. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHeavyRelay } from '../fuzz/heavy-relay.ts';
import type { HeavyRelay } from '../fuzz/heavy-relay.ts';
import { empty, raw } from '../../src/simulator/faults.ts';
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

test('R24: as many vectors as one request may ask for, in both forms at once', async () => {
  const answers = await Promise.all([
    ask('/v1/embeddings', { model: EMBEDDING, input: Array.from({ length: 2048 }, () => 'a') }),
    ask(`/v1beta/models/${EMBEDDING}:batchEmbedContents`, { requests: Array.from({ length: 2048 }, () => text) }),
  ]);
  for (const { status } of answers) expect([200, 503]).toContain(status);
  const whole = answers.filter(({ status }) => status === 200);
  expect(whole.length).toBeGreaterThan(0);
  for (const { bytes } of whole) expect(bytes).toBeGreaterThan(60 * MIB);
  expect(await relay.isAlive()).toBe(true);
}, 240_000);

const PAINTER = 'gemini-2.5-flash-image';
const PICTURE = 'iVBORw0KGgoAAAAA';

test('R24: ten pictures, however large', async () => {
  const statuses: number[] = [];
  for (const mib of [8, 30]) {
    const inlineData = { mimeType: 'image/png', data: PICTURE.repeat((mib * MIB) / PICTURE.length) };
    const candidates = [{ content: { role: 'model', parts: [{ inlineData }] }, finishReason: 'STOP' }];
    relay.simulator.clear();
    relay.simulator.always(
      'generate',
      raw(200, { 'content-type': 'application/json' }, JSON.stringify({ candidates })),
    );
    const { status, bytes } = await ask('/v1/images/generations', { model: PAINTER, prompt: 'A cat', n: 10 });
    statuses.push(status);
    if (status === 200) expect(bytes).toBeGreaterThan(10 * mib * MIB);
  }
  expect(statuses).toEqual([200, expect.toBeOneOf([502, 503])]);
  expect(await relay.isAlive()).toBe(true);
}, 120_000);

test('R24: a picture of 40 MB, to be edited ten times, is written once', async () => {
  const form = new FormData();
  const picture = Buffer.alloc(40 * MIB, 1);
  picture.set(Buffer.from(PICTURE, 'base64'));
  form.append('image', new Blob([picture]), 'a.png');
  for (const [name, value] of Object.entries({ model: PAINTER, prompt: 'A hat', n: '10' })) form.append(name, value);
  relay.simulator.clear();
  // The simulator refuses what has reached it, so that it need not read it.
  relay.simulator.always('generate', empty(400));
  const measured = await relay.during(async () => {
    const headers = { authorization: `Bearer ${RELAY_KEY}` };
    return (await fetch(`${relay.url}/v1/images/edits`, { method: 'POST', headers, body: form })).status;
  });
  expect(measured.status).toBe(400);
  // What has come of the form, joined, and its base64.
  expect(measured.peakBytes).toBeLessThan(4 * picture.length);
  expect(await relay.isAlive()).toBe(true);
}, 120_000);
