/** Forms of sound and pictures that nobody meant, and one as large as they come. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { wavOf } from '../support/wav.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ door: 'gemini-api' });
});
afterAll(() => relay.close());

const ROUTES = ['/v1/audio/transcriptions', '/v1/audio/translations', '/v1/images/edits'];

const BOUNDARY = 'xyz';
const whole = Buffer.concat([
  Buffer.from(
    `--${BOUNDARY}\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n` +
      `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\n`,
  ),
  wavOf(1).subarray(0, 2000),
  Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
]);

/** The same numbers in every run. */
const randomOf = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % below;
  };
};

const spoiled = (seed: number): Buffer => {
  const random = randomOf(seed);
  const bytes = Buffer.from(whole);
  for (let count = random(30); count >= 0; count -= 1) bytes[random(bytes.length)] = random(256);
  return random(3) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
};

test('a form with any bytes wrong is answered, and what is wrong is the client’s', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 150 }, async (_, seed) => {
      const response = await relay.fetch(ROUTES[seed % ROUTES.length] ?? '', {
        method: 'POST',
        headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
        body: new Uint8Array(spoiled(seed)),
      });
      const text = await response.text();
      expect(text).not.toMatch(/\bat .*\.ts:\d/);
      return response.status;
    }),
  );
  expect(statuses.filter((status) => status !== 200 && (status < 400 || status >= 500))).toEqual([]);
  expect(new Set(statuses).has(400)).toBe(true);
}, 30_000);

test('a recording of 20 MB is heard', async () => {
  const form = new FormData();
  form.append('model', 'whisper-1');
  form.append('file', new Blob([wavOf(655)]), 'long.wav');
  const response = await relay.fetch('/v1/audio/transcriptions', { method: 'POST', body: form });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('655.0 seconds');
}, 30_000);
