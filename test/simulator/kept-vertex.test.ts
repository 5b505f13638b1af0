/** What Vertex AI keeps is as strict as Vertex is. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';

const PLACE = 'projects/own-project/locations/global';
const MODEL = 'publishers/google/models/gemini-2.5-flash';
const contents = [{ role: 'user', parts: [{ text: 'x' }] }];

let google: Simulator;
beforeAll(async () => {
  google = await startSimulator();
});
afterAll(() => google.close());

const post = async (path: string, body: object, token = google.credentials.access_token): Promise<[number, string]> => {
  const answer = await fetch(`${google.url}/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return [answer.status, await answer.text()];
};

test.each<[string, string, object, number, string]>([
  ['a short name of a model', 'cachedContents', { model: 'models/gemini-2.5-flash', contents }, 400, 'Invalid model'],
  [
    'a model of another location',
    'cachedContents',
    { model: `projects/own-project/locations/us-central1/${MODEL}`, contents },
    400,
    'Invalid model',
  ],
  ['a cache of nothing', 'cachedContents', { model: `${PLACE}/${MODEL}` }, 400, 'contents'],
  [
    'a field that it does not know',
    'cachedContents',
    { model: `${PLACE}/${MODEL}`, contents, nonsense: 1 },
    400,
    'nonsense',
  ],
  [
    'a short name of a cache',
    `${MODEL}:generateContent`,
    { contents, cachedContent: 'cachedContents/1' },
    400,
    'Invalid',
  ],
  [
    'a cache that is not there',
    `${MODEL}:generateContent`,
    { contents, cachedContent: `${PLACE}/cachedContents/1` },
    404,
    'Not found: cached content',
  ],
  [
    'an operation of another model',
    'publishers/google/models/veo-3.1-generate-preview:fetchPredictOperation',
    { operationName: `${PLACE}/publishers/google/models/veo-2.0/operations/x` },
    400,
    'does not belong',
  ],
])('%s is refused', async (_name, path, body, status, words) => {
  expect(await post(`${PLACE}/${path}`, body)).toEqual([status, expect.stringContaining(words)]);
});

test('who has no token, and a project of somebody else’s', async () => {
  const cache = { model: `${PLACE}/${MODEL}`, contents };
  expect((await post(`${PLACE}/cachedContents`, cache, 'x'))[0]).toBe(401);
  expect((await post('projects/other/locations/global/cachedContents', cache))[0]).toBe(403);
  expect((await post(`${PLACE}/cachedContents`, cache))[0]).toBe(200);
});
