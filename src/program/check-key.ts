/** Asks Google whether it takes an API key, by the cheapest question there is: the name of one model. */
import { isObject } from '../json.ts';
import type { KeyCheck } from './first-run.ts';

const LIMIT_MS = 15_000;

export const checkApiKey = async (
  key: string,
  endpoint: string,
  { fetch }: { readonly fetch: typeof globalThis.fetch },
): Promise<KeyCheck> => {
  if (!/^[\w.-]+$/.test(key))
    return { kind: 'refused', message: 'a key is one word of letters, digits, dots and dashes.' };
  try {
    const answer = await fetch(`${endpoint}/v1beta/models?pageSize=1`, {
      headers: { 'x-goog-api-key': key },
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const text = await answer.text();
    if (answer.ok) return { kind: 'good' };
    const message = messageOf(text) ?? `it answers ${answer.status}.`;
    return { kind: [400, 401, 403].includes(answer.status) ? 'refused' : 'unknown', message };
  } catch (error) {
    return { kind: 'unknown', message: error instanceof Error ? error.message : 'no answer' };
  }
};

/** What Google's error says, on one line. */
const messageOf = (text: string): string | undefined => {
  try {
    const body: unknown = JSON.parse(text);
    const error = isObject(body) && isObject(body['error']) ? body['error'] : undefined;
    return typeof error?.['message'] === 'string' ? error['message'].replaceAll(/\s+/g, ' ').slice(0, 300) : undefined;
  } catch {
    return undefined;
  }
};
