/** A relay with two keys of the Gemini API, and two clients of it. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../src/config.ts';
import { newApiKey, newProject } from '../../src/simulator/api-keys.ts';
import { newKeyAt } from '../keys/people.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

const FIRST = `AIza${'Simulated'.repeat(4).slice(0, 35)}`;
const SECOND = 'AIzaSecondKeyOfTheTests0123456789abcdef';
export const MODEL = 'gemini-2.5-flash';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface UploadedFile {
  readonly name: string;
  readonly door: string;
  readonly uri: string;
}

type Sent = Record<string, string>;

export interface KeptRig {
  readonly relay: TestRelay;
  readonly ann: string;
  readonly bob: string;
  newKey(...options: readonly string[]): Promise<string>;
  /** An empty key: none is presented. */
  as(key: string, method: string, path: string, body?: unknown, headers?: Sent): Promise<Answer>;
  begin(key: string, more?: Sent, body?: unknown): Promise<Answer>;
  goOn(key: string, begun: Answer, text: string, command?: string, offset?: string): Promise<Answer>;
  /** The session decides the door. */
  uploaded(key: string, session?: string): Promise<UploadedFile>;
}

/** `former`: one that has ended, whose database and whose Google this is. */
export const openKept = async (
  env: Environment = {},
  door: 'none' | 'vertex' = 'none',
  former?: Pick<KeptRig, 'relay' | 'ann' | 'bob'> & { readonly database: string },
): Promise<KeptRig> => {
  const relay = await startRelay({
    door,
    before: (folder) => {
      if (former) cpSync(former.database, join(folder, 'relay.db'));
    },
    env: {
      DATABASE_URL: undefined,
      UPSTREAM: 'gemini-api',
      GEMINI_API_KEYS: `one=${FIRST},two=${SECOND}`,
      MAX_RETRIES: '0',
      ...env,
    },
  });
  if (former) {
    Object.assign(relay.simulator.kept, former.relay.simulator.kept);
    for (const [key, known] of former.relay.simulator.apiKeys) relay.simulator.apiKeys.set(key, known);
  } else relay.simulator.apiKeys.set(SECOND, newApiKey(newProject('second-project')));

  const as: KeptRig['as'] = async (key, method, path, body, headers = {}) => {
    const answer = await fetch(path.startsWith('http') ? path : relay.url + path, {
      method,
      headers: { ...(key !== '' && { 'x-goog-api-key': key }), ...headers },
      ...(body !== undefined && {
        body: body instanceof Uint8Array || typeof body === 'string' ? body : JSON.stringify(body),
      }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
    };
  };

  const begin: KeptRig['begin'] = (key, more = {}, body = {}) =>
    as(key, 'POST', '/upload/v1beta/files', body, {
      'x-goog-upload-protocol': 'resumable',
      'x-goog-upload-command': 'start',
      'x-goog-upload-header-content-type': 'text/plain',
      ...more,
    });

  const goOn: KeptRig['goOn'] = (key, begun, text, command = 'upload, finalize', offset = '0') =>
    as(key, 'POST', begun.headers.get('x-goog-upload-url') ?? '', text, {
      'x-goog-upload-command': command,
      'x-goog-upload-offset': offset,
    });

  const uploaded: KeptRig['uploaded'] = async (key, session = 'a') => {
    const begun = await begin(key, { 'session-id': session });
    const { body } = await goOn(key, begun, 'Hello.');
    const file = body['file'] as { name: string; uri: string };
    return { ...file, door: begun.headers.get('x-relay-door') ?? '' };
  };

  const newKey: KeptRig['newKey'] = async (...options) => (await newKeyAt(relay, ...options)).secret;

  const [ann, bob] = former ? [former.ann, former.bob] : await Promise.all([newKey(), newKey()]);
  return { relay, ann, bob, newKey, as, begin, goOn, uploaded };
};
