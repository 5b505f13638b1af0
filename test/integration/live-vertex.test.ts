/** Sessions of the Live API over Vertex AI: a token lets in, models go by their whole names, and clients notice neither. */
import WebSocket from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newKeyAt } from '../keys/people.ts';
import { openLive } from '../support/live-socket.ts';
import type { LiveSocket } from '../support/live-socket.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { eventually } from '../support/eventually.ts';

const MODEL = 'gemini-3.8-live';
const CLOUD_ADDRESS = '/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent';
const TEXT = { generationConfig: { responseModalities: ['TEXT'] } };

let relay: TestRelay;
let both: TestRelay;
const sockets: LiveSocket[] = [];
beforeAll(async () => {
  relay = await startRelay({ door: 'vertex', env: { DATABASE_URL: undefined } });
  both = await startRelay({ door: 'vertex', env: { UPSTREAM: 'gemini-api,vertex', GEMINI_API_KEY: 'AQ.unknown' } });
});
afterAll(() => Promise.all([relay.close(), both.close()]));
afterEach(() => {
  for (const { ws } of sockets.splice(0)) ws.terminate();
});

const open = async (at = relay, key = at.key, address?: string): Promise<LiveSocket> => {
  const socket = await openLive(at.url, key, {}, address);
  sockets.push(socket);
  return socket;
};
const begin = async (socket: LiveSocket, setup: object = TEXT, model = `models/${MODEL}`): Promise<LiveSocket> => {
  socket.send({ setup: { model, ...setup } });
  await socket.until('setupComplete');
  return socket;
};
const googles = (at = relay) => at.simulator.live.sessions.at(-1) ?? expect.fail('no session');
const placeOf = (at: TestRelay): string => `projects/${at.simulator.account.project}/locations/global`;

test('a client of the Gemini API is served, with the token of the login and the whole name of the model', async () => {
  const socket = await begin(await open());
  expect(socket.headers['x-relay-door']).toBe('vertex');
  expect(await socket.ask('say exactly: one two three')).toContain('three');
  expect(googles().setup).toMatchObject({ model: `${placeOf(relay)}/publishers/google/models/${MODEL}`, ...TEXT });
  const asked = relay.simulator.asked('bidiGenerateContent').at(-1);
  expect(asked).toMatchObject({ door: 'vertex', path: CLOUD_ADDRESS });
  expect(asked?.headers.authorization).toMatch(/^Bearer /);
  expect(asked?.headers['x-goog-api-key']).toBeUndefined();
  expect(relay.simulator.leaks()).toEqual([]);
});

test.each([
  ['says nothing of it', {}, { responseModalities: ['AUDIO'] }],
  ['sets something else', { generationConfig: { temperature: 1 } }, { temperature: 1, responseModalities: ['AUDIO'] }],
  ['writes as Python does', { generation_config: { response_modalities: ['TEXT'] } }, { responseModalities: ['TEXT'] }],
])('it speaks as at the Gemini API where the client %s', async (_what, setup, expected) => {
  await begin(await open(), setup);
  expect(googles().setup?.['generationConfig']).toEqual(expected);
});

test('functions are called and answered by their ids', async () => {
  const tools = [{ functionDeclarations: [{ name: 'look_up', description: 'Looks up.' }] }];
  const socket = await begin(await open(), { ...TEXT, tools });
  socket.send({
    clientContent: { turns: [{ role: 'user', parts: [{ text: 'call look_up' }] }], turnComplete: true },
  });
  const { toolCall } = (await socket.until('toolCall')) as {
    readonly toolCall: { readonly functionCalls: readonly { readonly id: string; readonly name: string }[] };
  };
  const functionResponses = toolCall.functionCalls.map(({ id, name }) => ({ id, name, response: { found: true } }));
  socket.send({ toolResponse: { functionResponses } });
  await socket.until('usageMetadata');
  expect(googles().received.at(-1)).toEqual({ toolResponse: { functionResponses } });
});

test('what came out is counted in the words that the client knows', async () => {
  const words = ['say exactly: one two three', ['responseTokenCount', 'candidatesTokenCount']] as const;
  for (const [address, [known, unknown]] of [
    [undefined, words[1]],
    [CLOUD_ADDRESS, words[1].toReversed()],
  ] as const) {
    for (const at of [relay, both]) {
      const socket = await begin(await open(at, at.key, address));
      await socket.ask(words[0]);
      const { usageMetadata } = socket.heard.find((message) => 'usageMetadata' in message) ?? {};
      expect(Object.keys(usageMetadata ?? {})).toContain(known);
      expect(Object.keys(usageMetadata ?? {})).not.toContain(unknown);
    }
  }
});

test('a token that has expired is renewed once, and the client waits for it', async () => {
  const before = relay.simulator.asked('token').length;
  relay.simulator.expireTokens();
  await begin(await open());
  expect(relay.simulator.asked('token').length).toBe(before + 1);
});

test('what Google says by closing the line is told: a model that is not there, a project that may not', async () => {
  const missing = await open();
  missing.send({ setup: { model: 'models/gemini-9.9-live' } });
  expect(await missing.closed).toEqual([1008, expect.stringContaining('not found')]);
  relay.simulator.account.vertexPermission = false;
  try {
    const refused = await open();
    refused.send({ setup: { model: `models/${MODEL}` } });
    expect(await refused.closed).toEqual([1011, expect.stringContaining("denies the relay's own account")]);
  } finally {
    relay.simulator.account.vertexPermission = true;
    relay.relay.parts.door.control.reset('vertex');
  }
});

test('a session is taken up again at its door by who had it, and by nobody else', async () => {
  const anna = (await newKeyAt(relay)).secret;
  const socket = await begin(await open(relay, anna), { ...TEXT, sessionResumption: {} });
  const { sessionResumptionUpdate } = await socket.until('sessionResumptionUpdate');
  const { newHandle } = sessionResumptionUpdate as { readonly newHandle: string };
  const resumed = { ...TEXT, sessionResumption: { handle: newHandle } };
  await begin(await open(relay, anna), resumed);
  const other = await open(relay, (await newKeyAt(relay)).secret);
  other.send({ setup: { model: `models/${MODEL}`, ...resumed } });
  expect((await other.closed)[0]).toBe(1008);
});

test('previews, which are there only at the Gemini API, are in no list of Vertex AI', async () => {
  const answer = await fetch(`${relay.url}/v1beta/models`, { headers: { 'x-goog-api-key': relay.key } });
  const { models } = (await answer.json()) as { readonly models: readonly { readonly name: string }[] };
  const live = models.map(({ name }) => name).filter((name) => /live|native-audio/.test(name));
  expect(live).toEqual([`models/${MODEL}`]);
});

describe('beside the Gemini API', () => {
  afterEach(() => {
    for (const { id } of both.relay.parts.door.control.states()) both.relay.parts.door.control.reset(id);
  });

  test('a client that dials as at Vertex AI goes there first', async () => {
    const name = `${placeOf(both)}/publishers/google/models/${MODEL}`;
    const socket = await begin(await open(both, both.key, CLOUD_ADDRESS), TEXT, name);
    expect(socket.headers['x-relay-door']).toBe('vertex');
    expect(googles(both).setup).toMatchObject({ model: name });
  });

  test('every other one goes to the Gemini API first, and to Vertex AI where that refuses', async () => {
    const socket = await begin(await open(both));
    expect(socket.headers['x-relay-door']).toBe('gemini-api');
    expect(googles(both).door).toBe('vertex');
    expect(
      both.simulator
        .asked('bidiGenerateContent')
        .map(({ door }) => door)
        .slice(-2),
    ).toEqual(['gemini-api', 'vertex']);
    expect(await socket.ask('say exactly: here')).toContain('here');
    socket.ws.close(1000);
    await eventually(() => {
      expect(googles(both).ws.readyState).toBe(WebSocket.CLOSED);
    });
  });
});
