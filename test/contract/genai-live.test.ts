/** The Live API by Google's own SDK. */
import { FunctionResponse, GoogleGenAI, LiveSendToolResponseParameters, Modality } from '@google/genai';
import type { LiveConnectConfig, LiveServerMessage, Session } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

const MODEL = 'gemini-3.1-flash-live-preview';
const ON_VERTEX = 'gemini-3.8-live';

interface Talk {
  readonly session: Session;
  readonly messages: LiveServerMessage[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** All up to the end of a turn, or to a call of functions. */
  readonly turn: () => Promise<readonly LiveServerMessage[]>;
  readonly until: (condition: (message: LiveServerMessage) => boolean) => Promise<LiveServerMessage>;
}

const talkWith = async (ai: GoogleGenAI, config: LiveConnectConfig, model: string): Promise<Talk> => {
  const messages: LiveServerMessage[] = [];
  const waiting = new Set<() => void>();
  const closed = Promise.withResolvers<{ readonly code: number; readonly reason: string }>();
  const session = await ai.live.connect({
    model,
    config,
    callbacks: {
      onmessage: (message) => {
        messages.push(message);
        for (const look of waiting) look();
      },
      onclose: ({ code, reason }) => {
        closed.resolve({ code, reason });
      },
    },
  });
  let read = 0;
  const until: Talk['until'] = (condition) =>
    new Promise((resolve) => {
      const look = (): void => {
        while (read < messages.length) {
          const message = messages[read];
          read += 1;
          if (!message || !condition(message)) continue;
          waiting.delete(look);
          resolve(message);
          return;
        }
      };
      waiting.add(look);
      look();
    });
  return {
    session,
    messages,
    closed: closed.promise,
    until,
    turn: async () => {
      const from = read;
      await until(({ serverContent, toolCall }) => serverContent?.turnComplete === true || toolCall !== undefined);
      return messages.slice(from, read);
    },
  };
};

const partsOf = (turn: readonly LiveServerMessage[]) =>
  turn.flatMap(({ serverContent }) => serverContent?.modelTurn?.parts ?? []);
const textOf = (turn: readonly LiveServerMessage[]): string =>
  partsOf(turn)
    .map(({ text }) => text ?? '')
    .join('');

describe.each([
  ['gemini-api', 'v1beta', '', false, MODEL],
  ['gemini-api', 'v1alpha', '/', false, MODEL],
  ['gemini-api', 'v1', '/', false, MODEL],
  ['gemini-api', 'v1beta1', '', true, MODEL],
  ['vertex', 'v1beta', '', false, ON_VERTEX],
  ['vertex', 'v1beta1', '/', true, ON_VERTEX],
] as const)('@google/genai live over %s by %s, base address ending with "%s", for Vertex AI: %s', (...row) => {
  const [door, apiVersion, end, vertexai, model] = row;
  let relay: TestRelay;
  let ai: GoogleGenAI;
  const talk = (to: GoogleGenAI, config: LiveConnectConfig, name: string = model): Promise<Talk> =>
    talkWith(to, config, name);
  beforeAll(async () => {
    relay = await startRelay({ door });
    const httpOptions = { baseUrl: `${relay.url}${end}` };
    ai = new GoogleGenAI({ vertexai, apiKey: relay.key, apiVersion, httpOptions });
  });
  afterAll(async () => {
    await relay.close();
  });

  test('text: turn after turn, closed by the client', async () => {
    const { session, turn, closed } = await talk(ai, { responseModalities: [Modality.TEXT] });
    session.sendClientContent({ turns: 'say exactly: Good morning to you.', turnComplete: true });
    const first = await turn();
    expect(textOf(first)).toBe('Good morning to you.');
    expect(first.at(-1)?.usageMetadata).toMatchObject({ responseTokenCount: 6 });
    session.sendClientContent({ turns: [{ role: 'user', parts: [{ text: 'say exactly: And again.' }] }] });
    expect(textOf(await turn())).toBe('And again.');
    session.close();
    expect((await closed).code).toBe(1005);
    await relay.simulator.until(() => relay.simulator.live.sessions.at(-1)?.ws.readyState === 3);
  });

  test('sound, in and out', async () => {
    const { session, turn } = await talk(ai, { responseModalities: [Modality.AUDIO] });
    const sound = Buffer.alloc(3200, 7);
    for (let piece = 0; piece < 20; piece += 1) {
      session.sendRealtimeInput({ audio: { data: sound.toString('base64'), mimeType: 'audio/pcm;rate=16000' } });
    }
    session.sendRealtimeInput({ audioStreamEnd: true });
    const parts = partsOf(await turn());
    // Four words, a third of a second each, sixteen bits at 24 kHz.
    const bytes = parts.map(({ inlineData }) => Buffer.from(inlineData?.data ?? '', 'base64').length);
    expect(bytes).toEqual(Array.from({ length: 4 }, () => 16_000));
    expect(relay.simulator.live.sessions.at(-1)?.heardBytes).toBe(64_000);
    session.close();
  });

  test('functions are called and answered', async () => {
    const { session, turn } = await talk(ai, {
      responseModalities: [Modality.TEXT],
      tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: { type: 'object' } }] }],
    });
    session.sendClientContent({ turns: 'How is the weather?' });
    const call = (await turn()).at(-1)?.toolCall?.functionCalls?.[0];
    expect(call).toMatchObject({ name: 'weather', id: expect.any(String) as string });
    const answer = Object.assign(new FunctionResponse(), { id: call?.id, name: 'weather', response: { sky: 'blue' } });
    session.sendToolResponse(Object.assign(new LiveSendToolResponseParameters(), { functionResponses: answer }));
    expect(textOf(await turn())).toContain('{"sky":"blue"}');
    session.close();
  });

  test('it can be interrupted, and says when it has to go', async () => {
    const { session, until } = await talk(ai, { responseModalities: [Modality.TEXT] });
    session.sendClientContent({ turns: 'slow answer, stream 200 words' });
    await until(({ serverContent }) => serverContent?.modelTurn !== undefined);
    session.sendRealtimeInput({ audio: { data: 'AAAA', mimeType: 'audio/pcm;rate=16000' } });
    await until(({ serverContent }) => serverContent?.interrupted === true);
    relay.simulator.live.sessions.at(-1)?.goAway('9s');
    expect((await until(({ goAway }) => goAway !== undefined)).goAway?.timeLeft).toBe('9s');
    session.close();
  });

  test('a session is taken up again by its handle', async () => {
    const first = await talk(ai, { responseModalities: [Modality.TEXT], sessionResumption: {} });
    first.session.sendClientContent({ turns: 'My name is Ann.' });
    await first.turn();
    const update = await first.until(({ sessionResumptionUpdate }) => sessionResumptionUpdate !== undefined);
    first.session.close();
    const handle = update.sessionResumptionUpdate?.newHandle ?? '';
    const second = await talk(ai, { responseModalities: [Modality.TEXT], sessionResumption: { handle } });
    second.session.sendClientContent({ turns: 'detailed summary' });
    expect(textOf(await second.turn())).toContain('3 turns');
    second.session.close();
  });

  test.each([
    ['gemini-2.5-flash', /does not talk live.*gemini-3\.1-flash-live-preview/],
    ['gemini-9-live', /not found (?:for API version|or your)/],
    ['no model', /name of a model/],
  ])('a setup that is refused tells why: %s', async (model, why) => {
    await expect(talk(ai, { responseModalities: [Modality.TEXT] }, model)).rejects.toThrow(why);
  });
});

test('a wrong key opens nothing', async () => {
  const relay = await startRelay({ door: 'gemini-api' });
  try {
    const ai = new GoogleGenAI({ apiKey: 'wrong', httpOptions: { baseUrl: relay.url } });
    await expect(talkWith(ai, {}, MODEL)).rejects.toThrow(/401/);
    expect(relay.simulator.live.sessions).toHaveLength(0);
  } finally {
    await relay.close();
  }
});
