/** OpenAI's own SDK has texts said aloud. */
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cutAfter, errorInStream } from '../../src/simulator/faults.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

let relay: TestRelay;
let client: OpenAI;
beforeAll(async () => {
  relay = await startRelay({ door: 'gemini-api' });
  client = new OpenAI({ apiKey: relay.key, baseURL: `${relay.url}/v1`, maxRetries: 0 });
});
afterAll(() => relay.close());
beforeEach(() => {
  relay.simulator.reset();
});

const THREE_WORDS = 'one two three';
/** The simulated voice says three words in a second. */
const SECOND_BYTES = 48_000;

const lastAsked = () => {
  const { body, path } = relay.simulator.asked('generate').at(-1) ?? {};
  return { path, body: body as Record<string, unknown> | undefined };
};
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

/** As a player reads it. */
const readHeader = (file: Buffer) => ({
  riff: file.toString('latin1', 0, 4),
  size: file.readUInt32LE(4),
  wave: file.toString('latin1', 8, 16),
  coding: file.readUInt16LE(20),
  channels: file.readUInt16LE(22),
  rate: file.readUInt32LE(24),
  bits: file.readUInt16LE(34),
  data: file.toString('latin1', 36, 40),
  bytes: file.readUInt32LE(40),
});
const HEADER = { riff: 'RIFF', wave: 'WAVEfmt ', coding: 1, channels: 1, rate: 24_000, bits: 16, data: 'data' };

describe('speech', () => {
  test.each([
    ['gpt-4o-mini-tts', 'gemini-3.8-flash-tts'],
    ['tts-1-hd', 'gemini-3.8-flash-tts'],
    ['tts-1', 'gemini-3.8-flash-lite-tts'],
    ['openai/tts-1', 'gemini-3.8-flash-lite-tts'],
    ['gemini-2.5-pro-preview-tts', 'gemini-2.5-pro-preview-tts'],
  ])('%s is spoken by %s, as a whole WAV file', async (model, served) => {
    const response = await client.audio.speech.create({ model, voice: 'alloy', input: THREE_WORDS });
    const file = await bytesOf(response);
    expect(response.headers.get('content-type')).toBe('audio/wav');
    expect(response.headers.get('x-relay-model')).toBe(model === served ? null : served);
    expect(readHeader(file)).toEqual({ ...HEADER, size: 36 + SECOND_BYTES, bytes: SECOND_BYTES });
    expect(file).toHaveLength(44 + SECOND_BYTES);
    expect(new Set(file.subarray(44)).size).toBeGreaterThan(100);
    expect(lastAsked().path).toContain(`/models/${served}:`);
    expect(lastAsked().body?.['generationConfig']).toEqual({
      responseModalities: ['AUDIO'],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
    });
  });

  test("voices go by OpenAI's names and by Gemini's, in any case", async () => {
    for (const [voice, name] of [
      ['nova', 'Leda'],
      ['zubenelgenubi', 'Zubenelgenubi'],
    ] as const) {
      await client.audio.speech.create({ model: 'tts-1', voice, input: 'x' });
      expect(JSON.stringify(lastAsked().body)).toContain(`"voiceName":"${name}"`);
    }
  });

  test('instructions stand beside the text, or before it for the older models', async () => {
    const request = { voice: 'onyx', input: 'Good night.', instructions: 'Whisper slowly.' };
    await client.audio.speech.create({ ...request, model: 'tts-1' });
    expect(lastAsked().body?.['contents']).toEqual([
      { role: 'user', parts: [{ text: 'Good night.', speechMetadata: { style: 'Whisper slowly.' } }] },
    ]);
    await client.audio.speech.create({ ...request, model: 'gemini-2.5-flash-preview-tts' });
    expect(lastAsked().body?.['contents']).toEqual([
      { role: 'user', parts: [{ text: 'Whisper slowly:\nGood night.' }] },
    ]);
  });

  test('pcm is the sound alone, and streamed WAV says honestly that its length is not known', async () => {
    const pcm = await client.audio.speech.create({
      model: 'tts-1',
      voice: 'alloy',
      input: THREE_WORDS,
      response_format: 'pcm',
    });
    expect(pcm.headers.get('content-type')).toBe('audio/pcm');
    const sound = await bytesOf(pcm);
    expect(sound).toHaveLength(SECOND_BYTES);
    const streamed = await client.audio.speech.create({
      model: 'tts-1',
      voice: 'alloy',
      input: THREE_WORDS,
      response_format: 'wav',
      stream_format: 'audio',
    });
    expect(streamed.headers.get('content-length')).toBeNull();
    const file = await bytesOf(streamed);
    expect(readHeader(file)).toEqual({ ...HEADER, size: 0xffffffff, bytes: 0xffffffff });
    expect(file.subarray(44)).toEqual(sound);
  });

  test('as events: deltas of one file, then what it took', async () => {
    const response = await client.audio.speech.create({
      model: 'gpt-4o-mini-tts',
      voice: 'alloy',
      input: THREE_WORDS,
      response_format: 'pcm',
      stream_format: 'sse',
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = (await response.text())
      .trim()
      .split('\n\n')
      .map((frame) => JSON.parse(frame.replace(/^data: /, '')) as { type: string; audio?: string; usage?: object });
    const types = events.map(({ type }) => type);
    expect(types.pop()).toBe('speech.audio.done');
    expect(new Set(types)).toEqual(new Set(['speech.audio.delta']));
    const sound = Buffer.concat(events.map(({ audio = '' }) => Buffer.from(audio, 'base64')));
    expect(sound).toHaveLength(SECOND_BYTES);
    expect(events.at(-1)?.usage).toMatchObject({ input_tokens: 4, output_tokens: 33, total_tokens: 37 });
  });

  test('speed is told as ignored, and so is what nobody knows', async () => {
    const { response } = await client.audio.speech
      .create({ model: 'tts-1', voice: 'alloy', input: 'x', speed: 1.5, ...{ pitch: 3 } })
      .withResponse();
    expect(response.headers.get('x-relay-ignored')?.split(', ').sort()).toEqual(['pitch', 'speed']);
  });

  test.each([
    ['mp3', { response_format: 'mp3' }, 'response_format', /'wav' or 'pcm'/],
    ['an unknown form', { response_format: 'midi' }, 'response_format', /'wav' or 'pcm'/],
    ['an unknown voice', { voice: 'darth' }, 'voice', /alloy.*Kore/],
    ['no voice', { voice: undefined }, 'voice', /Missing/],
    ['no input', { input: '' }, 'input', /empty/],
    ['no speed', { speed: 9 }, 'speed', /0\.25 to 4/],
    ['another stream', { stream_format: 'x' }, 'stream_format', /'audio' or 'sse'/],
    ['a model that does not speak', { model: 'gemini-2.5-pro' }, 'model', /gemini-3\.8-flash-tts/],
  ])('%s: 400', async (_name, change, param, message) => {
    const body = { model: 'tts-1', voice: 'alloy', input: 'x', ...change };
    const response = await relay.post('/v1/audio/speech', body);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { param: string; message: string } };
    expect(error.param).toBe(param);
    expect(error.message).toMatch(message);
    expect(relay.simulator.asked('generate')).toEqual([]);
  });

  test('sound that breaks off never looks whole', async () => {
    const ask = (stream_format: 'audio' | 'sse') =>
      client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: THREE_WORDS, stream_format });
    relay.simulator.next('generate', cutAfter(1));
    await expect(ask('audio').then(bytesOf)).rejects.toThrow();
    relay.simulator.next('generate', errorInStream(1, { code: 503, message: 'Overloaded.' }));
    const events = await (await ask('sse')).text();
    expect(events).toContain('"error":');
    expect(events).not.toContain('speech.audio.done');
    relay.simulator.next('generate', cutAfter(1));
    const whole = client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: THREE_WORDS });
    await expect(whole).rejects.toMatchObject({ status: 502 });
  });

  test('what ends early or is refused is an error with a reason', async () => {
    const ask = (input: string) => client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input });
    await expect(ask('be blocked')).rejects.toMatchObject({ status: 400, code: 'content_filter' });
    await expect(ask('end with SAFETY')).rejects.toMatchObject({ status: 400, code: 'content_filter' });
  });

  test('the log line counts tokens and names the model', async () => {
    await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: THREE_WORDS });
    const line = JSON.parse(relay.logs.at(-1) ?? '{}') as object;
    expect(line).toMatchObject({ model: 'gemini-3.8-flash-lite-tts', promptTokens: 4, outputTokens: 33, status: 200 });
  });
});

test('a door without voices: a 400 that names the setting', async () => {
  const codeAssist = await startRelay();
  for (const model of ['tts-1', 'gemini-3.8-flash-tts']) {
    const response = await codeAssist.post('/v1/audio/speech', { model, voice: 'alloy', input: 'x' });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { param: string; message: string } };
    expect(error.message).toMatch(/GEMINI_API_KEY, UPSTREAM=gemini-api/);
  }
  await codeAssist.close();
});
