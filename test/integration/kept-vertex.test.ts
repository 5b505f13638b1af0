/** Cached contents and videos over a door of Vertex AI, by clients of either form. */
import { GoogleGenAI } from '@google/genai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failing } from '../../src/simulator/faults.ts';
import { openKept, MODEL } from './kept-rig.ts';
import type { KeptRig } from './kept-rig.ts';

const VEO = 'veo-3.1-generate-preview';
const CACHE = { model: `models/${MODEL}`, contents: [{ role: 'user', parts: [{ text: 'A long text.' }] }] };
const PLACE = 'projects/any/locations/global';

describe('a relay with a door of Vertex AI and no other', () => {
  let kept: KeptRig;
  let ann = '';
  let bob = '';
  beforeAll(async () => {
    kept = await openKept(
      { UPSTREAM: 'vertex', GEMINI_API_KEYS: undefined, GOOGLE_CLOUD_PROJECT: 'own-project' },
      'vertex',
    );
    ({ ann, bob } = kept);
  });
  afterAll(() => kept.relay.close());
  afterEach(() => {
    kept.relay.simulator.clear();
  });

  test.each([
    ['the Gemini API’s form', '/v1beta', CACHE],
    ['Vertex’s form', `/v1/${PLACE}`, { ...CACHE, model: `${PLACE}/publishers/google/models/${MODEL}` }],
  ])('a cache in %s: made, used, prolonged, listed, deleted, and nobody else’s', async (_name, base, body) => {
    const made = await kept.as(ann, 'POST', `${base}/cachedContents`, body);
    expect([made.status, made.headers.get('x-relay-door')], JSON.stringify(made.body)).toEqual([200, 'vertex']);
    // Google's own words, the relay's own project.
    const whole = made.body['name'] as string;
    expect(whole).toMatch(/^projects\/\d+\/locations\/global\/cachedContents\/\d+$/);
    const [asked] = kept.relay.simulator.asked('createCache');
    expect(asked?.path).toBe('/v1/projects/own-project/locations/global/cachedContents');
    expect(JSON.parse(asked?.text ?? '')).toEqual({
      ...body,
      model: `projects/own-project/locations/global/publishers/google/models/${MODEL}`,
    });
    const short = `cachedContents/${whole.split('/').at(-1) ?? ''}`;
    for (const name of [whole, short, `${PLACE}/${short}`]) {
      const use = { contents: [{ role: 'user', parts: [{ text: 'Hello.' }] }], cachedContent: name };
      for (const [key, status] of [
        [ann, 200],
        [bob, 404],
        [kept.relay.key, 404],
      ] as const) {
        expect((await kept.as(key, 'GET', `/v1beta/${name}`)).status).toBe(status);
        const answer = await kept.as(key, 'POST', `/v1beta/models/${MODEL}:generateContent`, use);
        expect(answer.status, JSON.stringify(answer.body)).toBe(status);
      }
    }
    const ttl = await kept.as(ann, 'PATCH', `/v1/${PLACE}/${short}?updateMask=ttl`, { ttl: '7200s' });
    expect(Date.parse(String(ttl.body['expireTime']))).toBeGreaterThan(Date.now() + 7_000_000);
    expect((await kept.as(bob, 'PATCH', `/v1beta/${short}`, { ttl: '1s' })).status).toBe(404);
    const listed = await kept.as(ann, 'GET', `${base}/cachedContents`);
    expect(listed.body['cachedContents']).toEqual([expect.objectContaining({ name: whole })]);
    expect((await kept.as(bob, 'GET', `${base}/cachedContents`)).body).toEqual({});
    expect((await kept.as(bob, 'DELETE', `${base}/${short}`)).status).toBe(404);
    expect((await kept.as(ann, 'DELETE', `${base}/${short}`)).status).toBe(200);
    expect((await kept.as(ann, 'GET', `${base}/${short}`)).status).toBe(404);
    expect(kept.relay.simulator.asked('deleteCache')).toHaveLength(1);
  });

  test('over chat, by cached_content', async () => {
    const { body } = await kept.as(ann, 'POST', '/v1beta/cachedContents', CACHE);
    const chat = { model: MODEL, messages: [{ role: 'user', content: 'Hello.' }], cached_content: body['name'] };
    expect((await kept.as(ann, 'POST', '/v1/chat/completions', chat)).status).toBe(200);
    expect((await kept.as(bob, 'POST', '/v1/chat/completions', chat)).status).toBe(404);
  });

  test('a video, asked for in both ways', async () => {
    const instances = { instances: [{ prompt: 'A cat.' }] };
    const begun = await kept.as(
      ann,
      'POST',
      `/v1/${PLACE}/publishers/google/models/${VEO}:predictLongRunning`,
      instances,
    );
    const operationName = begun.body['name'] as string;
    expect(operationName).toMatch(/^projects\/own-project\/locations\/global\/publishers\/google\/models\/veo-/);
    const fetching = `/v1beta/models/${VEO}:fetchPredictOperation`;
    expect((await kept.as(bob, 'POST', fetching, { operationName })).status).toBe(404);
    expect((await kept.as(ann, 'POST', fetching, { operationName })).body['done']).toBeUndefined();
    const short = operationName.slice(operationName.indexOf('models/'));
    expect((await kept.as(bob, 'GET', `/v1beta/${short}`)).status).toBe(404);
    const done = await kept.as(ann, 'GET', `/v1beta/${short}`);
    expect(done.body).toMatchObject({ done: true, response: { videos: [{ mimeType: 'video/mp4' }] } });
    const nothing = await kept.as(ann, 'POST', fetching, {});
    expect([nothing.status, JSON.stringify(nothing.body)]).toEqual([400, expect.stringContaining('operationName')]);
    const cancelled = await kept.as(ann, 'POST', `/v1beta/${short}:cancel`, {});
    expect([cancelled.status, JSON.stringify(cancelled.body)]).toEqual([
      400,
      expect.stringContaining('UPSTREAM=gemini-api'),
    ]);
  });

  test('@google/genai in its Vertex form', async () => {
    const ai = new GoogleGenAI({ vertexai: true, apiKey: ann, httpOptions: { baseUrl: kept.relay.url } });
    const operation = await ai.models.generateVideos({ model: VEO, source: { prompt: 'A cat.' } });
    await ai.operations.getVideosOperation({ operation });
    const ended = await ai.operations.getVideosOperation({ operation });
    expect(ended.done).toBe(true);
    expect(ended.response?.generatedVideos?.[0]?.video?.videoBytes).not.toBe('');
  });

  test.each([
    ['GET', '/v1beta/files', 'Files'],
    ['POST', '/upload/v1beta/files', 'Files'],
    ['POST', '/v1beta/interactions', 'Interactions'],
    ['POST', `/v1beta/models/${MODEL}:batchGenerateContent`, 'Batches'],
  ])('%s %s needs the other kind of door, and the 400 names it', async (method, path, what) => {
    const answer = await kept.as(ann, method, path, method === 'GET' ? undefined : {});
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(what);
    expect(JSON.stringify(answer.body)).toContain('UPSTREAM=gemini-api');
    expect(kept.relay.simulator.requests.filter(({ door }) => door !== undefined)).toEqual([]);
  });

  test('a token that Google refuses is renewed; trouble of the login is the relay’s', async () => {
    kept.relay.simulator.next('createCache', failing({ code: 401, message: 'Expired.' }));
    expect((await kept.as(ann, 'POST', '/v1beta/cachedContents', CACHE)).status).toBe(200);
    kept.relay.simulator.account.vertexPermission = false;
    expect((await kept.as(ann, 'POST', '/v1beta/cachedContents', CACHE)).status).toBe(503);
    kept.relay.simulator.account.vertexPermission = true;
  });
});

describe('doors of both kinds', () => {
  let kept: KeptRig;
  beforeAll(async () => {
    kept = await openKept({ UPSTREAM: 'gemini-api,vertex', GOOGLE_CLOUD_PROJECT: 'own-project' }, 'vertex');
  });
  afterAll(() => kept.relay.close());

  const VERTEX_CACHE = { ...CACHE, model: `${PLACE}/publishers/google/models/${MODEL}` };

  test('each form goes to its own, else to the other, and a request to where the cache is', async () => {
    const { ann, relay } = kept;
    const makes: readonly (readonly [string, object, RegExp])[] = [
      ['/v1beta/cachedContents', CACHE, /^gemini-api:/],
      [`/v1/${PLACE}/cachedContents`, VERTEX_CACHE, /^vertex$/],
    ];
    for (const [path, body, door] of makes) {
      const made = await kept.as(ann, 'POST', path, body);
      expect(made.headers.get('x-relay-door'), JSON.stringify(made.body)).toMatch(door);
      const use = { contents: [{ role: 'user', parts: [{ text: 'Hello.' }] }], cachedContent: made.body['name'] };
      const used = await kept.as(ann, 'POST', `/v1beta/models/${MODEL}:generateContent`, use);
      expect([used.status, used.headers.get('x-relay-door')]).toEqual([200, expect.stringMatching(door)]);
    }
    expect((await kept.as(ann, 'GET', '/v1beta/cachedContents')).body['cachedContents']).toHaveLength(2);
    relay.simulator.always('createCache', (ask, honest) =>
      ask.path.includes('/projects/') ? failing({ code: 503, message: 'Unavailable.' })(ask, honest) : honest(),
    );
    const elsewhere = await kept.as(ann, 'POST', `/v1/${PLACE}/cachedContents`, VERTEX_CACHE);
    expect(elsewhere.headers.get('x-relay-door'), JSON.stringify(elsewhere.body)).toMatch(/^gemini-api:/);
    expect(elsewhere.body['model']).toBe(`models/${MODEL}`);
  });

  test('a key that may use one of them only', async () => {
    const cloudOnly = await kept.newKey('--doors', 'vertex');
    const made = await kept.as(cloudOnly, 'POST', '/v1beta/cachedContents', CACHE);
    expect(made.headers.get('x-relay-door'), JSON.stringify(made.body)).toBe('vertex');
    expect((await kept.begin(cloudOnly)).status).toBe(403);
  });
});
