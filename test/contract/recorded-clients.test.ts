/**
 * Requests as real clients sent them, recorded from their programs: each field, block, tool and schema as it was, and
 * every text replaced. All are served through every door, and what is ignored of them is known, and why.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkChatStream } from '../support/chat-stream-checker.ts';
import { checkMessagesStream } from '../support/messages-stream-checker.ts';
import { RELAY_KEY, startRelay, type DoorName, type TestRelay } from '../support/relay.ts';
import { checkResponse, checkResponsesStream } from '../support/responses-stream-checker.ts';

type Json = Readonly<Record<string, unknown>>;

interface Recorded {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: Json;
}

interface Client {
  readonly client: string;
  /** By name: in the requests their names alone stand for them. */
  readonly tools?: Json;
  readonly requests: readonly Recorded[];
}

const FOLDER = new URL('../fixtures/clients/', import.meta.url);
const CLIENTS = readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Client);

/** What `x-relay-ignored` may name, and why nothing is lost by it. */
const EXPLAINED: readonly (readonly [name: RegExp, why: string])[] = [
  [/^client_metadata$/, 'tells OpenAI which copy of Codex asks'],
  [/^context_management$/, 'how Anthropic shortens a history; thoughts of the past are never sent to Google'],
  [/^output_config\.effort$/, 'stands beside thinking that is switched off'],
  [/^(?:input\[\]\.encrypted_content|messages\[\]\.content\[\]\.signature)$/, 'signed by the server of the recording'],
  [/^tools\[\d*\]\.(?:external_web_access|search_context_size|max_uses)$/, 'Google searches as it sees fit'],
  [/^googleSearch$/, 'beside functions models before Gemini 3 take no search'],
  [/^input\[\]\.(?:content|output)\[\]\.detail$/, 'models before Gemini 3 look at all pictures alike'],
  [/^text\.verbosity$/, 'no such thing at Google'],
  [/^messages\[\]\.reasoning_content$/, 'thoughts are not said again: signatures stand for them'],
];

/** How a stream has to be, by the language that it is in. */
const CHECKS: readonly (readonly [path: RegExp, check: (text: string, asked: Json) => unknown])[] = [
  [/\/chat\/completions$/, (text, asked) => checkChatStream(text, { includeUsage: wantsUsage(asked) })],
  [/\/responses$/, checkResponsesStream],
  [/\/messages\b/, checkMessagesStream],
  [
    /:streamGenerateContent\b/,
    (text) => {
      expect(text).toMatch(/"finishReason": ?"STOP"/);
    },
  ],
];

const wantsUsage = ({ stream_options: options }: Json): boolean =>
  (options as Json | undefined)?.['include_usage'] === true;

const check = ({ path, body = {} }: Recorded, type: string, text: string): Json => {
  if (!type.startsWith('text/event-stream')) return JSON.parse(text) as Json;
  const found = CHECKS.find(([pattern]) => pattern.test(path));
  if (!found) throw new Error(`no check for a stream of ${path}`);
  found[1](text, body);
  return {};
};

describe.each<DoorName>(['code-assist', 'gemini-api', 'vertex'])('through %s', (door) => {
  let relay: TestRelay;
  beforeAll(async () => {
    relay = await startRelay({ door });
  });
  afterAll(() => relay.close());

  const ask = ({ method, path, headers, body }: Recorded, tools: Json | undefined, last: string): Promise<Response> => {
    const sent = body && {
      ...body,
      ...(Array.isArray(body['tools']) && {
        tools: body['tools'].map((tool) => tools?.[String(tool)] ?? (tool as Json)),
      }),
      ...(body['previous_response_id'] === 'LAST' && { previous_response_id: last }),
    };
    const address = path.replace('RELAY_KEY', RELAY_KEY).replace('LAST', last);
    if (method === 'GET') return relay.fetch(address, { headers: headers ?? {} });
    return relay.post(address, sent, { headers: headers ?? {} });
  };

  test.each(CLIENTS.map((client) => [client.client, client] as const))('%s', async (_name, { tools, requests }) => {
    let last = '';
    for (const recorded of requests) {
      const place = `${recorded.what}: ${recorded.path}`;
      const response = await ask(recorded, tools, last);
      const text = await response.text();
      expect(response.status, `${place}: ${text.slice(0, 400)}`).toBe(200);
      const told = response.headers.get('x-relay-ignored')?.split(', ') ?? [];
      expect(
        told.filter((name) => !EXPLAINED.some(([pattern]) => pattern.test(name))),
        place,
      ).toEqual([]);
      const answer = check(recorded, response.headers.get('content-type') ?? '', text);
      if (answer['object'] === 'response') last = checkResponse(answer).id;
    }
    expect(relay.simulator.leaks()).toEqual([]);
  });
});

test('the recordings lead to every route that agents call', () => {
  const paths = new Set(CLIENTS.flatMap(({ requests }) => requests.map(({ path }) => path.replace(/\?.*/, ''))));
  const chat = ['/v1/chat/completions'];
  const responses = ['/v1/responses', '/v1/responses/input_tokens', '/v1/responses/compact'];
  const messages = ['/v1/messages', '/v1/messages/count_tokens'];
  const native = ['generateContent', 'streamGenerateContent'].map(
    (method) => `/v1beta/models/gemini-3.1-pro-preview:${method}`,
  );
  const lists = ['/v1/models', '/v1beta/models'];
  expect([...paths]).toEqual(expect.arrayContaining([...chat, ...responses, ...messages, ...native, ...lists]));
});
