/** The relay as its clients see it, on HOST:PORT of this machine. */
import { families } from '../formats/families.ts';
import type { Endpoint } from '../formats/family.ts';
import { isObject } from '../json.ts';
import { fail, pass, restingOn, skip } from './check.ts';
import type { Finding } from './check.ts';
import type { RunCommand } from './commands.ts';
import { ownerOfPort } from './port-owner.ts';
import type { LocalQuestion, RelayClient } from './relay-client.ts';

const SERVICE = 'gemini-cli-relay';
const START = 'Start the relay: npm start (or docker compose up -d).';

export interface ServiceNeeds {
  readonly relay: RelayClient;
  /** The first key that opens the relay. */
  readonly key: string | undefined;
  readonly run: RunCommand;
}

export interface Service extends Finding {
  readonly version?: string;
}

export const checkService = async ({ relay, run }: ServiceNeeds, signal: AbortSignal): Promise<Service> => {
  if (relay.port === 0)
    return fail(
      'PORT=0 takes any free port, so nobody knows where the relay serves',
      'Set PORT to a number above 1023.',
    );
  const where = `${relay.host}:${relay.port}`;
  try {
    const { json } = await relay.ask('/', {}, signal);
    if (isObject(json) && json['name'] === SERVICE) {
      return {
        ...pass(`the relay answers on ${where}`),
        ...(typeof json['version'] === 'string' && { version: json['version'] }),
      };
    }
  } catch (error) {
    if (signal.aborted) throw error;
    const code = codeOf(error);
    // A relay that its settings do not let start, or whose container has ended, listens nowhere.
    if (code === 'ECONNREFUSED')
      return restingOn(fail(`nothing answers on ${where}: connection refused`, START), 'settings', 'container');
    if (isAway(code)) return fail(`${where} cannot be reached (${code})`, `Check HOST. ${START}`);
  }
  const owner = (await ownerOfPort(relay.port, run)) ?? 'another program';
  return fail(
    `${owner} answers on ${where}, and that is not the relay`,
    'Stop it, or set PORT to another one; then start the relay.',
  );
};

const codeOf = (error: unknown): string => {
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return (inner as NodeJS.ErrnoException | undefined)?.code ?? '';
};

const isAway = (code: string): boolean =>
  /^(?:ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/.test(code);

export const checkVersion = ({ version }: Service, own: string): Finding =>
  version === own
    ? pass(version)
    : fail(
        `the relay that serves is ${version ?? 'of an unknown version'}, this folder holds ${own}`,
        'Restart the relay (with Docker: docker compose up -d --build).',
      );

export const checkLive = async ({ relay }: ServiceNeeds, signal: AbortSignal): Promise<Finding> => {
  const { status } = await relay.ask('/livez', {}, signal);
  return status === 200
    ? pass('GET /livez answers 200')
    : fail(`GET /livez answers ${status}`, 'Restart the relay, and look into its log.');
};

export const checkHealth = async ({ relay }: ServiceNeeds, signal: AbortSignal): Promise<Finding> => {
  const { status, json } = await relay.ask('/health', {}, signal);
  const [state = '', upstream = '', message = ''] = ['status', 'upstream', 'message'].map((name) => {
    const value = isObject(json) ? json[name] : undefined;
    return typeof value === 'string' ? value : '';
  });
  return status === 200
    ? pass(`${state}, ${upstream}`)
    : restingOn(
        fail(`GET /health answers ${status}, ${state}: ${message}`, 'Look into the log of the relay.'),
        ...['credentials', 'token-refresh', 'upstream', 'account'],
      );
};

/** Each way to present a key, on one route of each family. */
export const WAYS = {
  bearer: (key) => ({ headers: { authorization: `Bearer ${key}` } }),
  basic: (key) => ({ headers: { authorization: `Basic ${Buffer.from(`relay:${key}`).toString('base64')}` } }),
  'x-goog-api-key': (key) => ({ headers: { 'x-goog-api-key': key } }),
  'x-api-key': (key) => ({ headers: { 'x-api-key': key } }),
  query: (key) => ({ query: `?key=${encodeURIComponent(key)}` }),
} satisfies Record<string, (key: string) => LocalQuestion & { readonly query?: string }>;

export type Way = keyof typeof WAYS;

const LISTS = [
  ...new Set(
    families.flatMap(({ endpoints }) => endpoints.filter(({ name }) => name === 'models')).map(({ path }) => path),
  ),
];

export const checkWay = async (way: Way, { relay, key }: ServiceNeeds, signal: AbortSignal): Promise<Finding> => {
  if (key === undefined) return withoutKey();
  const { query = '', ...question }: LocalQuestion & { query?: string } = WAYS[way](key);
  const statuses = await Promise.all(
    LISTS.map(async (path) => (await relay.ask(`${path}${query}`, question, signal)).status),
  );
  const refused = LISTS.filter((_, index) => statuses[index] !== 200);
  if (refused.length === 0) return pass(`accepted on ${LISTS.join(' and ')}`);
  // Whoever gets so far has been let in: what stands in the way is told by the check of /health.
  if (statuses.every((status) => status === 200 || status === 503)) {
    return pass(`accepted on ${LISTS.join(' and ')}, which cannot answer yet (503)`);
  }
  return statuses.includes(401)
    ? fail(
        `401 on ${refused.join(' and ')}: the relay that serves knows another key`,
        'Restart it, so that it reads the key that is set now.',
      )
    : fail(`${statuses.join(' and ')} on ${LISTS.join(' and ')}`, 'Look into the log of the relay.');
};

/** No key, a wrong one, and a slip that is seen often. Few of them: the relay counts them as guesses. */
const WRONG: readonly (readonly [path: string, question: LocalQuestion])[] = [
  ['/v1/models', {}],
  ['/v1beta/models', {}],
  ['/v1/models', { headers: { authorization: 'Bearer no-key-of-this-relay' } }],
  ['/v1beta/models', { headers: { authorization: 'Bearer: no-key-of-this-relay' } }],
];

export const checkWrongKey = async ({ relay }: ServiceNeeds, signal: AbortSignal): Promise<Finding> => {
  const answers = await Promise.all(
    WRONG.map(async ([path, question]) => (await relay.ask(path, question, signal)).status),
  );
  // After many wrong keys in a minute the relay slows down whoever tries them.
  const others = answers.filter((status) => status !== 401 && status !== 429);
  return others.length === 0
    ? pass('no key, a wrong key and "Bearer: KEY" are refused')
    : fail(
        `a wrong key is answered with ${others.join(', ')}`,
        'Stop the relay: it serves whoever comes. Then update it.',
      );
};

interface Probe {
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly expected: number;
}

/** What would cost a generation is asked with a broken body: its refusal shows the route and the key. */
const toProbe = ({ method, path, query, takes }: Endpoint): Probe => {
  const asked = `${path.replace('{model}', ANY_MODEL)}${query === undefined ? '' : `?${query}`}`;
  if (method !== 'POST') return { path: asked, expected: 200 };
  return { path: asked, body: '{', expected: takes === 'form' ? 415 : 400 };
};

const ANY_MODEL = 'gemini-2.5-flash';

/** All that formats serve; but what stands for one thing, which may not be there. */
const isProbed = ({ method, path, isKept }: Endpoint): boolean =>
  isKept !== true && !path.includes('{response}') && (method === 'POST' || !path.includes('{'));

/** By the id of the check. */
export const ENDPOINTS: ReadonlyMap<string, Probe> = new Map([
  ...families.flatMap(({ name: family, mark, endpoints }) =>
    endpoints
      .filter(isProbed)
      .map(
        (endpoint) =>
          [`endpoint-${family}-${endpoint.name}`, { ...toProbe(endpoint), ...(mark && { headers: mark }) }] as const,
      ),
  ),
  // Google's own base for clients of the OpenAI API.
  ['endpoint-google-openai', { path: '/v1beta/openai/models', expected: 200 }] as const,
]);

export const checkEndpoint = async (
  { path, body, headers, expected }: Probe,
  { relay, key }: ServiceNeeds,
  signal: AbortSignal,
): Promise<Finding> => {
  if (key === undefined) return withoutKey();
  const { status } = await relay.ask(
    path,
    { headers: { authorization: `Bearer ${key}`, ...headers }, ...(body !== undefined && { body }) },
    signal,
  );
  const name = `${body === undefined ? 'GET' : 'POST'} ${path.split('?', 1)[0] ?? ''}`;
  if (status === expected) return pass(body === undefined ? name : `${name} (asked with a broken body, costs nothing)`);
  return status === 401
    ? fail(
        `${name} answers 401: the relay that serves knows another key`,
        'Restart it, so that it reads the key that is set now.',
      )
    : restingOn(
        fail(
          `${name} answers ${status}, expected ${expected}`,
          'Look into the log of the relay; update it if this stays.',
        ),
        'health',
      );
};

const withoutKey = (): Finding =>
  skip('the key of the relay is not known here', 'Set GEMINI_AUTH_PASSWORD, or run this where the relay runs.');

/** A real generation, as short as they come. */
export const generateThroughRelay = async ({ relay, key }: ServiceNeeds, signal: AbortSignal): Promise<Finding> => {
  if (key === undefined) return withoutKey();
  const body = JSON.stringify({
    model: 'gemini-2.5-flash-nothinking',
    messages: [{ role: 'user', content: 'Hi' }],
    max_tokens: 1,
  });
  const { status, json } = await relay.ask(
    '/v1/chat/completions',
    { headers: { authorization: `Bearer ${key}` }, body },
    signal,
  );
  if (status === 200) return pass('gemini-2.5-flash answered through the relay');
  const error = isObject(json) && isObject(json['error']) ? json['error'] : {};
  const message = typeof error['message'] === 'string' ? error['message'] : 'no reason was given';
  return restingOn(
    fail(
      `POST /v1/chat/completions answers ${status}: ${message}`,
      'Look at the checks above, and into the log of the relay.',
    ),
    'health',
    'account',
  );
};
