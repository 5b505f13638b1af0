/** Asks Google whether it takes an API key, by the cheapest question there is: the name of one model. */
import { isObject } from '../json.ts';
import type { KeyCheck } from './first-run.ts';

const LIMIT_MS = 15_000;
const LONGEST_BYTES = 1024 * 1024;

/** A transport, as far as it is needed: its errors say what is wrong with the network. */
interface Asking {
  get(
    url: string,
    request: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<{ readonly status: number; text(limitBytes: number): Promise<string> }>;
}

export const checkApiKey = async (key: string, endpoint: string, transport: Asking): Promise<KeyCheck> => {
  if (!/^[\w.-]+$/.test(key))
    return { kind: 'refused', message: 'a key is one word of letters, digits, dots and dashes.' };
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    const answer = await transport.get(`${endpoint}/v1beta/models?pageSize=1`, {
      headers: { 'x-goog-api-key': key },
      signal,
    });
    const said = await answer.text(LONGEST_BYTES);
    const { status } = answer;
    if (status === 200) return { kind: 'good' };
    const message = messageOf(said) ?? `it answers ${status}.`;
    return { kind: [400, 401, 403].includes(status) ? 'refused' : 'unknown', message };
  } catch (error) {
    const message = signal.aborted ? `no answer within ${LIMIT_MS / 1000} s.` : undefined;
    return { kind: 'unknown', message: message ?? (error instanceof Error ? error.message : 'no answer.') };
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
