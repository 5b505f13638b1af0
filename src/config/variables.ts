import type * as Zod from 'zod';
import { LOG_LEVELS } from '../log.ts';
import * as read from './readers.ts';
import { SAMPLERS } from './samplers.ts';

/** One environment variable, as the start checks it and as the documentation tells it. */
export interface Variable<T = unknown> {
  readonly section: Section;
  readonly schema: Zod.ZodType<T, string>;
  /** What it does, in plain words. */
  readonly meaning: string;
  /** A value that works: shown when the given one does not. */
  readonly example: string;
  /** What holds where it is not set. */
  readonly fallback?: T;
  /** How the documentation tells the default, where `fallback` does not: '' is none. */
  readonly byDefault?: string;
  /** `password`: the value is an address, and only the password in it is secret. `keys`: it is a list of keys. */
  readonly secret?: 'whole' | 'password' | 'keys';
  /** The words that it can be, where they are few. */
  readonly choices?: readonly string[];
}

export const SECTIONS = {
  clients: 'Who may come in',
  listening: 'Where the relay listens',
  credentials: 'Your Google account',
  upstream: 'How Gemini is reached',
  network: 'The network',
  models: 'Models and images',
  log: 'Log',
  database: 'What is kept',
  watching: 'Metrics and traces',
  limits: 'Limits',
  times: 'Time limits',
} as const;

type Section = keyof typeof SECTIONS;

const number = (
  section: Section,
  fallback: number,
  min: number,
  max: number,
  meaning: string,
): Variable<number> & { readonly fallback: number } => ({
  section,
  schema: read.wholeNumber(min, max),
  meaning,
  example: String(fallback),
  fallback,
});

const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;

export const VARIABLES = {
  GEMINI_AUTH_PASSWORD: {
    section: 'clients',
    schema: read.key(),
    meaning:
      "The owner's key, which clients present; it has no limits. Without it the relay makes one on its first start and " +
      'keeps it in .relay-key beside the credentials; on an address that others can reach you have to set it yourself.',
    example: 'the output of: openssl rand -base64 32',
    byDefault: 'generated',
    secret: 'whole' as const,
  },
  API_KEY: {
    section: 'clients',
    schema: read.key(),
    meaning: "A second owner's key, accepted as well.",
    example: 'the output of: openssl rand -base64 32',
    secret: 'whole' as const,
  },
  HF_TOKEN: {
    section: 'clients',
    schema: read.key(),
    meaning: "A third owner's key, accepted as well: the token of a private Hugging Face Space.",
    example: 'hf_ and the rest of your token',
    secret: 'whole' as const,
  },
  ADMIN_KEY: {
    section: 'clients',
    schema: read.key(),
    meaning:
      'The key that opens the console (/console) and its API, and nothing else. Without it GEMINI_AUTH_PASSWORD, or the ' +
      'key that the relay has made, opens them.',
    example: 'the output of: openssl rand -base64 32',
    byDefault: "the owner's key",
    secret: 'whole' as const,
  },
  CONSOLE: {
    section: 'clients',
    schema: read.onOrOff(),
    meaning: 'off: the console and its API are not there (404).',
    example: 'off',
    fallback: 'on' as const,
    choices: ['on', 'off'],
  },
  ALLOW_WEAK_KEY: {
    section: 'clients',
    schema: read.yesOrNo(),
    meaning: '1 lets a short or placeholder key serve on an address that others can reach. Better: set a long key.',
    example: '1',
  },
  CORS_ORIGIN: {
    section: 'clients',
    schema: read.origins(),
    meaning:
      'Web pages that may call the relay: * for all, none, or origins separated by commas. A key is needed always.',
    example: 'https://chat.example.org',
    fallback: '*' as const,
  },
  TRUST_PROXY_HOPS: {
    ...number(
      'clients',
      0,
      0,
      10,
      'How many reverse proxies stand before the relay; so many steps of X-Forwarded-For are believed.',
    ),
    example: '1',
  },
  HOST: {
    section: 'listening',
    schema: read.hostName(),
    meaning: 'Address to listen on: 127.0.0.1 for this machine only, 0.0.0.0 for everybody who can reach it.',
    example: '127.0.0.1',
    fallback: '127.0.0.1',
  },
  PORT: number('listening', 8888, 0, 65_535, 'Port to listen on.'),
  GEMINI_CREDENTIALS: {
    section: 'credentials',
    schema: read.text(),
    meaning: 'Google credentials as JSON (or base64 of it), in place of the file. Never written to disk.',
    example: '{"refresh_token":"…","client_id":"…","client_secret":"…"}',
    secret: 'whole' as const,
  },
  GOOGLE_APPLICATION_CREDENTIALS: {
    section: 'credentials',
    schema: read.text(),
    meaning: 'Path of the credentials file, which npm run login writes.',
    example: 'oauth_creds.json',
    fallback: 'oauth_creds.json',
  },
  GOOGLE_CLOUD_PROJECT: {
    section: 'credentials',
    schema: read.text(),
    meaning: 'Google Cloud project. Needed for vertex; for code-assist only where Google names none itself.',
    example: 'my-project-id',
    byDefault: 'discovered',
  },
  GEMINI_PROJECT_ID: {
    section: 'credentials',
    schema: read.text(),
    meaning: 'Another name for GOOGLE_CLOUD_PROJECT.',
    example: 'my-project-id',
  },
  GOOGLE_CLOUD_QUOTA_PROJECT: {
    section: 'credentials',
    schema: read.text(),
    meaning: 'Project whose quota calls to Vertex AI use, where it is another than the one that the credentials name.',
    example: 'my-paying-project',
  },
  GOOGLE_OAUTH_CLIENT_ID: {
    section: 'credentials',
    schema: read.text(),
    meaning: 'OAuth client of your own for the login; together with GOOGLE_OAUTH_CLIENT_SECRET.',
    example: '1234-abcd.apps.googleusercontent.com',
    byDefault: "Gemini CLI's published client",
  },
  GOOGLE_OAUTH_CLIENT_SECRET: {
    section: 'credentials',
    schema: read.text(),
    meaning: 'Secret of that OAuth client.',
    example: 'the secret that Google Cloud Console shows',
    byDefault: "Gemini CLI's published client",
    secret: 'whole' as const,
  },
  GOOGLE_OAUTH_AUTH_URL: {
    section: 'credentials',
    schema: read.endpoint(),
    meaning: 'Where the login sends the browser.',
    example: 'https://accounts.google.com/o/oauth2/v2/auth',
    byDefault: "Google's",
  },
  GOOGLE_OAUTH_TOKEN_URL: {
    section: 'credentials',
    schema: read.endpoint(),
    meaning: 'Where tokens are exchanged and refreshed; a token_uri in the credentials wins for refreshing.',
    example: 'https://oauth2.googleapis.com/token',
    byDefault: "Google's",
  },
  UPSTREAM: {
    section: 'upstream',
    schema: read.oneOrListOf('auto', 'code-assist', 'gemini-api', 'vertex'),
    meaning:
      'Door to Gemini, or several in order of preference: code-assist,gemini-api. auto is one door: code-assist with ' +
      'OAuth credentials, else gemini-api with GEMINI_API_KEY, GEMINI_API_KEYS or GEMINI_API_KEYS_FILE, else vertex with ' +
      'Application Default Credentials and GOOGLE_CLOUD_PROJECT.',
    example: 'code-assist,gemini-api',
    fallback: 'auto' as const,
  },
  CODE_ASSIST_ENDPOINT: {
    section: 'upstream',
    schema: read.endpoint(),
    meaning: 'Base address for code-assist.',
    example: 'https://cloudcode-pa.googleapis.com',
    fallback: 'https://cloudcode-pa.googleapis.com',
  },
  GEMINI_API_KEY: {
    section: 'upstream',
    schema: read.key(),
    meaning: 'API key from Google AI Studio, for gemini-api.',
    example: 'the key that aistudio.google.com shows',
    secret: 'whole' as const,
  },
  GEMINI_API_KEYS: {
    section: 'upstream',
    schema: read.apiKeys(),
    meaning:
      'Several API keys of projects of your own, for gemini-api: separated by commas, one a line, or a JSON list; ' +
      'each KEY or LABEL=KEY. GEMINI_API_KEY counts as one more.',
    example: 'a list like: work=KEY,home=KEY',
    secret: 'keys' as const,
  },
  GEMINI_API_KEYS_FILE: {
    section: 'upstream',
    schema: read.text(),
    meaning: 'A file with such a list, for many keys. It is read again when it changes.',
    example: '/data/gemini-api-keys.txt',
  },
  FALLBACKS: {
    section: 'upstream',
    schema: read.fallbacks(),
    meaning:
      'Models that stand in where every door refuses one for quota or capacity: ASKED>FIRST>SECOND, several separated ' +
      'by commas. The answer then has the header x-relay-model.',
    example: 'gemini-3.1-pro-preview>gemini-3.5-flash',
  },
  GEMINI_API_ENDPOINT: {
    section: 'upstream',
    schema: read.endpoint(),
    meaning: 'Base address for gemini-api; a gateway of your own may add a path.',
    example: 'https://generativelanguage.googleapis.com',
    fallback: 'https://generativelanguage.googleapis.com',
  },
  GOOGLE_CLOUD_LOCATION: {
    section: 'upstream',
    schema: read.text().refine((value) => /^[a-z]+(?:-[a-z0-9]+)*$/.test(value), 'must be a location'),
    meaning: 'Location for vertex.',
    example: 'europe-west4',
    fallback: 'global',
  },
  VERTEX_ENDPOINT: {
    section: 'upstream',
    schema: read.endpoint(),
    meaning: 'Base address for vertex.',
    example: 'https://aiplatform.googleapis.com',
    byDefault: 'derived from the location',
  },
  UPSTREAM_USER_AGENT: {
    section: 'upstream',
    schema: read.headerText(),
    meaning: 'How the relay names itself to Google.',
    example: 'my-relay/1.0',
    byDefault: 'gemini-cli-relay/VERSION',
  },
  HTTPS_PROXY: {
    section: 'network',
    schema: read.proxy(),
    meaning: 'Proxy for calls to https addresses, the token refresh included: http://, https:// or socks5://.',
    example: 'http://proxy.example.org:3128',
    secret: 'password' as const,
  },
  HTTP_PROXY: {
    section: 'network',
    schema: read.proxy(),
    meaning: 'Proxy for calls to http addresses.',
    example: 'http://proxy.example.org:3128',
    secret: 'password' as const,
  },
  NO_PROXY: {
    section: 'network',
    schema: read.text(),
    meaning: 'Hosts to reach without a proxy, separated by commas.',
    example: 'localhost,127.0.0.1,.example.org',
  },
  MODELS: {
    section: 'models',
    schema: read
      .list()
      .refine(
        (ids) => ids.every((id) => /^(?!.*\.\.)[A-Za-z0-9._:@/-]{1,200}$/.test(id)),
        'must be model ids separated by commas',
      ),
    meaning: 'Further model ids to offer, separated by commas. The known ones are offered anyway.',
    example: 'gemini-9-pro,gemini-9-flash',
  },
  MODEL_ALIASES: {
    section: 'models',
    schema: read.aliases(),
    meaning:
      'Names that clients ask for and the models that serve them, ASKED=SERVED separated by commas; a star in ASKED stands for anything, the first match wins, suffixes (-nothinking …) pass through. off: none. Unset, names that begin with claude- are served: opus, fable and mythos by the newest Pro model, haiku by the newest Flash-Lite, others by the newest Flash. Set, it replaces these.',
    example: 'gpt-*=gemini-3.8-flash,claude-*=gemini-3.1-pro-preview',
  },
  FETCH_REMOTE_IMAGES: {
    section: 'models',
    schema: read.yesOrNo(),
    meaning:
      'Whether https addresses of images in requests, and of PDFs on /v1/messages, are fetched. false answers such requests with 400.',
    example: 'false',
    fallback: true,
  },
  STORE_INTERACTIONS: {
    section: 'models',
    schema: read.yesOrNo(),
    meaning:
      'Whether Google may keep the interactions of clients (/v1beta/interactions), as it does without `store: false`. ' +
      'false: each is sent with `store: false`, and the answer says so in x-relay-ignored.',
    example: 'false',
    fallback: true,
  },
  LOG_LEVEL: {
    section: 'log',
    schema: read.oneOf(...LOG_LEVELS),
    meaning: 'Least weight of what is logged: error, warn, info or debug. No level shows prompts or keys.',
    example: 'info',
    fallback: 'info' as const,
    choices: LOG_LEVELS,
  },
  LOG_FORMAT: {
    section: 'log',
    schema: read.oneOf('pretty', 'json'),
    choices: ['pretty', 'json'],
    meaning: 'pretty for people, json for machines.',
    example: 'json',
    byDefault: 'pretty on a terminal, else json',
  },
  DATABASE_URL: {
    section: 'database',
    schema: read.database(),
    meaning:
      'Where the relay keeps who used what: sqlite:PATH, postgres://USER:PASSWORD@HOST/DATABASE, or none. ' +
      'Never prompts or answers. Trouble with it never fails a request.',
    example: 'sqlite:/data/relay.db',
    byDefault: 'relay.db beside the credentials file',
    secret: 'password' as const,
  },
  REQUEST_LOG_DAYS: number(
    'database',
    30,
    0,
    400,
    'How many days single requests are kept. 0 keeps only the sums of each day, which stay 400 days.',
  ),
  REDIS_URL: {
    section: 'database',
    schema: read.redis(),
    meaning:
      'A Redis or Valkey that several relays share, so that they behave as one: redis://HOST:6379, ' +
      'rediss://USER:PASSWORD@HOST:6379. One server, near the relays; no Redis Cluster. Trouble with it never fails a request.',
    example: 'redis://localhost:6379',
    byDefault: '',
    secret: 'password' as const,
  },
  REDIS_PREFIX: {
    section: 'database',
    schema: read.keyPrefix(),
    meaning: 'What stands before the names of all keys in Redis: relays with the same prefix are one.',
    example: 'gcr:',
    fallback: 'gcr:',
  },
  METRICS_KEY: {
    section: 'watching',
    schema: read.key(),
    meaning:
      'A key that opens /metrics and nothing else, for Prometheus. What opens the console opens /metrics as well.',
    example: 'the output of: openssl rand -base64 32',
    secret: 'whole' as const,
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    section: 'watching',
    schema: read.collector(),
    meaning:
      'Where traces are sent, by OTLP over HTTP in JSON (/v1/traces is added). Without it there are none. Names and ' +
      'numbers, never prompts, answers or keys.',
    example: 'http://localhost:4318',
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    section: 'watching',
    schema: read.collector(),
    meaning: 'The same for traces alone: the whole address, to which nothing is added. It wins.',
    example: 'http://localhost:4318/v1/traces',
  },
  OTEL_TRACES_EXPORTER: {
    section: 'watching',
    schema: read.oneOf('otlp', 'none'),
    meaning: 'none: no traces are sent, whatever addresses are set.',
    example: 'none',
    fallback: 'otlp' as const,
    choices: ['otlp', 'none'],
  },
  OTEL_SDK_DISABLED: {
    section: 'watching',
    schema: read.yesOrNo(),
    meaning: 'true: the same as OTEL_TRACES_EXPORTER=none.',
    example: 'true',
    fallback: false,
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    section: 'watching',
    schema: read.pairs(),
    meaning: 'Headers for the collector: NAME=VALUE, several separated by commas.',
    example: 'authorization=Bearer%20KEY',
    secret: 'whole' as const,
  },
  OTEL_SERVICE_NAME: {
    section: 'watching',
    schema: read.text(),
    meaning: 'What the relay is called in traces.',
    example: 'gemini-cli-relay',
    fallback: 'gemini-cli-relay',
  },
  OTEL_RESOURCE_ATTRIBUTES: {
    section: 'watching',
    schema: read.pairs(),
    meaning: 'What else traces tell of the place that they come from: NAME=VALUE, several separated by commas.',
    example: 'deployment.environment.name=home',
  },
  OTEL_TRACES_SAMPLER: {
    section: 'watching',
    schema: read.oneOf(...SAMPLERS),
    meaning:
      'Which traces are sent. parentbased_… keeps to what whoever calls has decided (traceparent), and decides by itself ' +
      'where nobody has.',
    example: 'parentbased_traceidratio',
    fallback: 'parentbased_always_on' as const,
    choices: SAMPLERS,
  },
  OTEL_TRACES_SAMPLER_ARG: {
    section: 'watching',
    schema: read.ratio(),
    meaning: 'The part of all traces that …traceidratio sends, from 0 to 1.',
    example: '0.1',
    fallback: 1,
  },
  MAX_BODY_BYTES: number('limits', 67_108_864, 1, GIB / 2, 'Largest request body in bytes; larger ones get 413.'),
  MAX_CONCURRENT_REQUESTS: number('limits', 512, 1, 100_000, 'How many requests are answered at one time.'),
  MAX_QUEUED_REQUESTS: number('limits', 1024, 0, 100_000, 'How many more may wait; beyond them the answer is 503.'),
  QUEUE_TIMEOUT_MS: number('times', 10_000, 1, DAY_MS, 'How long a request may wait for its turn, in milliseconds.'),
  MAX_RETRIES: number(
    'limits',
    2,
    0,
    10,
    'How often a failed call to Google is repeated, before the answer has begun.',
  ),
  CONNECT_TIMEOUT_MS: number('times', 10_000, 1, DAY_MS, 'How long connecting to Google may take.'),
  FIRST_BYTE_TIMEOUT_MS: number('times', 300_000, 1, DAY_MS, 'How long Google may take to begin its answer.'),
  IDLE_TIMEOUT_MS: number('times', 120_000, 1, DAY_MS, 'How long Google may be silent within an answer.'),
  REQUEST_TIMEOUT_MS: number('times', 1_800_000, 1, DAY_MS, 'How long a whole request may take.'),
  HEARTBEAT_MS: number('times', 15_000, 1, DAY_MS, 'After so long a silence a stream sends a sign of life.'),
  RESPONSES_TTL_HOURS: number(
    'times',
    24,
    0,
    8760,
    'How many hours answers of /v1/responses are kept for previous_response_id and GET: in memory, or in Redis where ' +
      'REDIS_URL is set. 0: not at all.',
  ),
  SHUTDOWN_DELAY_MS: number(
    'times',
    0,
    0,
    600_000,
    'How long after SIGTERM everybody is still served while /health says draining: for a balancer that asks.',
  ),
  SHUTDOWN_GRACE_MS: number('times', 25_000, 0, DAY_MS, 'How long requests in flight may go on after SIGTERM.'),
} satisfies Record<string, Variable>;

export type VariableName = keyof typeof VARIABLES;
