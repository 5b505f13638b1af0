/** Streams with silences, read as programs in Go read them: by lines or blocks, not by the rules of event streams. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startRelay, type TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ env: { HEARTBEAT_MS: '100' } });
});
afterAll(() => relay.close());
beforeEach(() => {
  relay.simulator.reset();
});

const SILENT = 'wait 450 ms stream 3 words';
const WORDS = 'word1 word2 word3';

const ask = async (path: string, headers: Record<string, string>, body: object): Promise<string> => {
  const response = await relay.post(path, { model: 'gemini-2.5-flash', ...body }, { headers });
  expect(response.status).toBe(200);
  return response.text();
};

const inChat = (content: string) => ({ stream: true, messages: [{ role: 'user', content }] });

type Json = Record<string, never>;

/** Each blank line ends an event, whether it has data or not (openai-go 0.1 to 3.42). */
const readByOpenAiSdk = (text: string): Json[] => {
  const events: Json[] = [];
  let data = '';
  for (const line of text.split('\n').slice(0, -1)) {
    if (line.startsWith('data: ')) data += line.slice('data: '.length);
    if (line !== '') continue;
    if (!data.startsWith('[DONE]')) events.push(JSON.parse(data) as Json);
    data = '';
  }
  return events;
};

/** What is no data is an error's beginning; the error is read when all of it is there (go-openai). */
const readByGoOpenAi = (text: string): { events: Json[]; error?: Json } => {
  const events: Json[] = [];
  let error = '';
  for (const line of text.split('\n').map((one) => one.trim())) {
    const data = /^data:\s*(.*)$/.exec(line)?.[1];
    if (data === undefined) error += line;
    else if (data.startsWith('{"error":')) return { events, error: JSON.parse(error + data) as Json };
    else if (data !== '[DONE]') events.push(JSON.parse(data) as Json);
  }
  return { events };
};

/** Every line that is not blank is JSON (LangChainGo until 0.1.13). */
const readByLangChain = (text: string): Json[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^data:\s*/, ''))
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as Json);

/** Blocks between blank lines; what is in one must be data (google.golang.org/genai). */
const readByGoogleSdk = (text: string): Json[] =>
  text
    .split('\r\n\r\n')
    .filter((block) => block !== '')
    .map((block) => {
      expect(block).toMatch(/^data:/);
      return JSON.parse(block.slice('data:'.length)) as Json;
    });

const OPENAI_SDK = { 'user-agent': 'OpenAI/Go 1.12.0', 'x-stainless-lang': 'go' };
/** A program's own name stands there, and the SDK's headers beside it. */
const NAMED_PROGRAM = { 'user-agent': 'Charm Crush/0.1', 'x-stainless-lang': 'go' };
const PLAIN_GO = { 'user-agent': 'Go-http-client/1.1' };
const GOOGLE_SDK = {
  'user-agent': 'google-genai-sdk/1.77.0 gl-go/go1.26.8',
  'x-goog-api-client': 'google-genai-sdk/1.77.0 gl-go/go1.26.8',
};

const textOfChat = (events: readonly Json[]): string =>
  (events as unknown as { choices: { delta: { content?: string } }[] }[])
    .flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? ''))
    .join('');

test.each([
  ['OpenAI’s SDK', OPENAI_SDK],
  ['a program on it with a name of its own', NAMED_PROGRAM],
])('%s reads a chat that was silent', async (_who, headers) => {
  const text = await ask('/v1/chat/completions', headers, inChat(SILENT));
  expect(text).toContain(': keep-alive\n');
  expect(textOfChat(readByOpenAiSdk(text))).toBe(WORDS);
});

test('OpenAI’s SDK reads a response and a completion that were silent', async () => {
  const response = await ask('/v1/responses', OPENAI_SDK, { stream: true, input: SILENT });
  expect(response).toContain(': keep-alive\n');
  expect(readByOpenAiSdk(response).at(-1)).toMatchObject({ type: 'response.completed' });
  const completion = await ask('/v1/completions', OPENAI_SDK, { stream: true, prompt: SILENT });
  expect(completion).toContain(': keep-alive\n');
  const events = readByOpenAiSdk(completion) as unknown as { choices: { text: string }[] }[];
  expect(events.flatMap(({ choices }) => choices.map((choice) => choice.text)).join('')).toBe(WORDS);
});

test('go-openai and LangChainGo read a chat that was silent, and the error in one', async () => {
  const text = await ask('/v1/chat/completions', PLAIN_GO, inChat(SILENT));
  expect(text).toMatch(/^\n/);
  expect(textOfChat(readByGoOpenAi(text).events)).toBe(WORDS);
  expect(textOfChat(readByLangChain(text))).toBe(WORDS);
  const failed = await ask('/v1/chat/completions', PLAIN_GO, inChat('wait 450 ms be blocked'));
  expect(failed).toMatch(/^\n/);
  expect(readByGoOpenAi(failed).error).toMatchObject({ error: { code: 'content_filter' } });
});

test('Google’s SDK reads an answer that was silent', async () => {
  const contents = [{ role: 'user', parts: [{ text: SILENT }] }];
  const path = '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse';
  const response = await relay.post(path, { contents }, { headers: GOOGLE_SDK });
  const text = await response.text();
  expect(text).toMatch(/^\r\n\r\n/);
  const events = readByGoogleSdk(text) as unknown as { candidates: { content: { parts: { text: string }[] } }[] }[];
  const said = events.flatMap(({ candidates }) => candidates.flatMap(({ content }) => content.parts));
  expect(said.map((part) => part.text).join('')).toBe(WORDS);
});
