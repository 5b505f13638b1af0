import type { Simulator } from '../../src/simulator/simulator.ts';

export interface Asking {
  readonly path: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface AskOptions {
  readonly model?: string;
  readonly stream?: boolean;
  /** Members of the inner request beside or in place of the contents. */
  readonly request?: object;
  readonly signal?: AbortSignal;
}

export const user = (...parts: readonly (string | object)[]) => ({
  role: 'user',
  parts: parts.map((part) => (typeof part === 'string' ? { text: part } : part)),
});

export const model = (...parts: readonly (string | object)[]) => ({ ...user(...parts), role: 'model' });

const withSignal = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

/** A generating request for Code Assist. */
export const code = (
  text: string,
  { model: id = 'gemini-2.5-flash', stream, request, signal }: AskOptions = {},
): Asking => ({
  path: `/v1internal:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  body: { model: id, project: 'simulated-project', request: { contents: [user(text)], ...request } },
  ...withSignal(signal),
});

export const ask = (google: Simulator, { path, body, headers, signal }: Asking): Promise<Response> =>
  fetch(google.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${google.credentials.access_token}`,
      'content-type': 'application/json',
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...withSignal(signal),
  });

/** The JSON of each event of a stream. */
export const eventsOf = async (response: Response): Promise<unknown[]> =>
  (await response.text())
    .split('\r\n\r\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.replace(/^data: /, '')) as unknown);
