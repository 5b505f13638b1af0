import type { Simulator } from '../../src/simulator/simulator.ts';

export interface Asking {
  readonly path: string;
  /** Without one it is a GET. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface AskOptions {
  readonly model?: string;
  readonly stream?: boolean;
  /** Members of the request beside or in place of the contents. */
  readonly request?: object;
  readonly signal?: AbortSignal;
}

export const user = (...parts: readonly (string | object)[]) => ({
  role: 'user',
  parts: parts.map((part) => (typeof part === 'string' ? { text: part } : part)),
});

export const model = (...parts: readonly (string | object)[]) => ({ ...user(...parts), role: 'model' });

export const call = (name: string, more: object = {}) => ({ functionCall: { name, args: {} }, ...more });

export const response = (name: string, answer: object = { output: 'done' }) => ({
  functionResponse: { name, response: answer },
});

export const tool = (...declarations: readonly object[]) => ({ tools: [{ functionDeclarations: declarations }] });

const withSignal = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

const method = (stream = false) => (stream ? 'streamGenerateContent?alt=sse' : 'generateContent');

/** A generating request for Code Assist. */
export const code = (text: string, options: AskOptions = {}): Asking => ({
  path: `/v1internal:${method(options.stream)}`,
  body: {
    model: options.model ?? 'gemini-2.5-flash',
    project: 'simulated-project',
    request: { contents: [user(text)], ...options.request },
  },
  ...withSignal(options.signal),
});

/** The same for the Gemini API. */
export const api = (text: string, options: AskOptions = {}): Asking => ({
  path: `/v1beta/models/${options.model ?? 'gemini-2.5-flash'}:${method(options.stream)}`,
  body: { contents: [user(text)], ...options.request },
});

/** The same for Vertex. */
export const vertex = (text: string, options: AskOptions = {}): Asking => ({
  path: `/v1/projects/own-project/locations/global/publishers/google/models/${options.model ?? 'gemini-2.5-flash'}:${method(options.stream)}`,
  body: { contents: [user(text)], ...options.request },
});

export const DOORS = { 'code-assist': code, 'gemini-api': api, vertex };

export const ask = (google: Simulator, { path, body, headers, signal }: Asking): Promise<Response> =>
  fetch(google.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${google.credentials.access_token}`,
      'x-goog-api-key': google.apiKey,
      'content-type': 'application/json',
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...withSignal(signal),
  });

export interface GoogleFailure {
  readonly code: number;
  readonly message: string;
  readonly status: string;
  readonly details?: readonly Readonly<Record<string, unknown>>[];
}

export const errorOf = async (answer: Response): Promise<GoogleFailure> =>
  ((await answer.json()) as { error: GoogleFailure }).error;

export interface Generated {
  readonly candidates?: readonly {
    readonly content: { readonly parts?: readonly Readonly<Record<string, unknown>>[]; readonly role: string };
    readonly finishReason?: string;
    readonly index?: number;
    readonly groundingMetadata?: {
      readonly groundingSupports: readonly {
        readonly segment: { readonly startIndex?: number; readonly endIndex: number; readonly text: string };
      }[];
    };
    readonly logprobsResult?: { readonly chosenCandidates: readonly { readonly token: string }[] };
  }[];
  readonly promptFeedback?: { readonly blockReason: string };
  readonly usageMetadata: Readonly<Record<string, unknown>>;
  readonly modelVersion: string;
}

/** A GenerateContentResponse, out of Code Assist's envelope where it is in one. */
export const generatedIn = (json: unknown): Generated => {
  const { response: inner } = json as { response?: Generated };
  return inner ?? (json as Generated);
};

export const generated = async (answer: Response): Promise<Generated> => generatedIn(await answer.json());

/** The JSON of each event of a stream. */
export const eventsOf = async (answer: Response): Promise<unknown[]> =>
  (await answer.text())
    .split('\r\n\r\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.replace(/^data: /, '')) as unknown);

/** All visible text of the first candidate. */
export const textOf = (...chunks: readonly Generated[]): string =>
  chunks
    .flatMap((chunk) => chunk.candidates?.[0]?.content.parts ?? [])
    .map((part) => (part.thought === true || typeof part.text !== 'string' ? '' : part.text))
    .join('');
