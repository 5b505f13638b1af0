/** Asks Google whether it takes an API key, by the cheapest question there is: the name of one model. */
import { AI_STUDIO, isRetiredForm, RETIRED_FORM } from '../api-key-form.ts';
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
  if (!/^[\w.-]+$/.test(key)) return { kind: 'malformed' };
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    const answer = await transport.get(`${endpoint}/v1beta/models?pageSize=1`, {
      headers: { 'x-goog-api-key': key },
      signal,
    });
    const said = await answer.text(LONGEST_BYTES);
    const { status } = answer;
    if (status === 200) return { kind: 'good' };
    const { message = `it answers ${status}.`, isDead } = refusalIn(said, status);
    if (isDead && isRetiredForm(key)) {
      return { kind: 'refused', message: `${RETIRED_FORM}. Make a new one: ${AI_STUDIO}` };
    }
    return { kind: [400, 401, 403].includes(status) ? 'refused' : 'unknown', message };
  } catch (error) {
    const message = signal.aborted ? `no answer within ${LIMIT_MS / 1000} s.` : undefined;
    return { kind: 'unknown', message: message ?? (error instanceof Error ? error.message : 'no answer.') };
  }
};

interface Refusal {
  /** On one line. */
  readonly message: string | undefined;
  /** It is the key itself that Google does not take. */
  readonly isDead: boolean;
}

const refusalIn = (text: string, status: number): Refusal => {
  const isDead = status === 401 || text.includes('API_KEY_INVALID');
  try {
    const body: unknown = JSON.parse(text);
    const error = isObject(body) && isObject(body['error']) ? body['error'] : undefined;
    const words = error?.['message'];
    const message = typeof words === 'string' ? words.replaceAll(/\s+/g, ' ').slice(0, 300) : undefined;
    return { message, isDead };
  } catch {
    return { message: undefined, isDead };
  }
};
