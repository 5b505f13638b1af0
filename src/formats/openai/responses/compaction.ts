/** A conversation in few words, in an item that its client keeps and sends back in place of the conversation. */
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';

const TAG = 'gtc1.';

export const sealSummary = (summary: string): string =>
  TAG + Buffer.from(JSON.stringify({ summary })).toString('base64url');

/** Undefined for what another service wrote, and for what did not come back whole. */
export const openSummary = (sealed: unknown): string | undefined => {
  if (typeof sealed !== 'string' || !sealed.startsWith(TAG)) return undefined;
  try {
    const inside: unknown = JSON.parse(Buffer.from(sealed.slice(TAG.length), 'base64url').toString());
    return isObject(inside) && typeof inside['summary'] === 'string' ? inside['summary'] : undefined;
  } catch {
    return undefined;
  }
};

/** A whole response that holds such an item, as the endpoint for it tells it. */
export const compactionJson = (response: string): string => {
  const { id, created_at, output, usage } = JSON.parse(response) as JsonObject;
  return JSON.stringify({ id, object: 'response.compaction', created_at, output, usage });
};

/** What the model is told in place of what the client had to say. */
export const COMPACT_INSTRUCTION =
  'The conversation above will be dropped and only your next message kept, for whoever continues it. Write down ' +
  'everything that is needed to go on without it: what the user wants, word for word where it matters; what has been ' +
  'done and found out; files, names, commands and values that were used; decisions and their reasons; what is still ' +
  'to be done. No introduction, no question.';
