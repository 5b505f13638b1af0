/**
 * Which conversation a request belongs to, as a number: the same for each of its turns. By what the client calls its
 * session, else by who asks and how the conversation began.
 */
import { isObject } from '../json.ts';
import type { GenerateContentRequest, JsonObject } from './types.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Of Codex (its sub-agents share `session-id`, and their threads differ), Claude Code, OpenCode, and older Codex. */
const HEADERS = [
  'session-id',
  'x-claude-code-session-id',
  'x-session-affinity',
  'x-session-id',
  'session_id',
  'x-codex-parent-thread-id',
  'thread-id',
];

/** What the client itself calls the session, in a header or in its body; undefined where it does not. */
export const sessionOf = (headers: Headers, body?: JsonObject): string | undefined => {
  for (const name of HEADERS) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  if (!body) return undefined;
  const { prompt_cache_key: cacheKey, metadata, session_id: session } = body;
  if (typeof cacheKey === 'string' && cacheKey !== '') return cacheKey;
  // Claude Code's: JSON in a string, which holds the session beside the device.
  const user = isObject(metadata) ? metadata['user_id'] : undefined;
  if (typeof user === 'string' && user !== '') return user;
  return typeof session === 'string' && session !== '' ? session : undefined;
};

/** At the top of a body: what decides about the key is not without effect. */
export const SESSION_FIELDS = ['prompt_cache_key', 'session_id'] as const;

/** What `sessionOf` reads of a body, for readers that leave out what has no effect on the answer. */
export const sessionFields = ({
  prompt_cache_key,
  session_id,
}: Readonly<Record<string, unknown>>): { readonly prompt_cache_key: unknown; readonly session_id: unknown } => ({
  prompt_cache_key,
  session_id,
});

export const conversationOf = (
  session: string | undefined,
  callerId: string,
  request: Pick<GenerateContentRequest, 'contents'>,
): number => {
  if (session !== undefined) return hashText(session);
  return hashText(firstWords(request), hashText(callerId));
};

/** More of a text than this does not make it more certain. */
const LONGEST_TEXT = 1024;

const firstWords = ({ contents }: Pick<GenerateContentRequest, 'contents'>): string => {
  const first = contents?.find(({ role }) => role === undefined || role === 'user');
  for (const { text } of first?.parts ?? []) if (typeof text === 'string' && text !== '') return text;
  return '';
};

/** FNV-1a, stirred once more: 32 bits. No secret, and no defence against who looks for collisions. */
export const hashText = (text: string, seed = 0): number => {
  let hash = seed ^ 0x811c9dc5;
  const end = Math.min(text.length, LONGEST_TEXT);
  for (let at = 0; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return stir(hash ^ text.length);
};

/** Each bit of the result hangs on each of the number (the finish of MurmurHash3). */
export const stir = (number: number): number => {
  let bits = number;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
};
