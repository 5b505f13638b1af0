import { dirname, join } from 'node:path';
import type { LogLevel } from './log.ts';
import { DEFAULT_LABEL, joinApiKeys } from './config/api-keys.ts';
import type { ApiKey } from './config/api-keys.ts';
import { keyProblems, keysOf, keyWarnings, ownersKeysOf } from './config/keys.ts';
import type { ClientKey } from './config/keys.ts';
import { isLoopback } from './config/readers.ts';
import type { DatabaseAddress, Fallbacks } from './config/readers.ts';
import type { SamplerName } from './config/samplers.ts';
import { secretsIn } from './config/secrets.ts';
import { withDefaults } from './config/values.ts';
import type { Filled, Values } from './config/values.ts';
import { VARIABLES } from './config/variables.ts';
import type { Variable, VariableName } from './config/variables.ts';

export type DoorKind = 'code-assist' | 'gemini-api' | 'vertex';

export interface Config {
  readonly listen: { readonly host: string; readonly port: number; readonly isPublic: boolean };
  /** Empty where none is set: the start makes one. */
  readonly keys: readonly ClientKey[];
  /** `adminKey` undefined: the owner's key opens it. */
  readonly console: { readonly isOn: boolean; readonly adminKey: string | undefined };
  /** Opens `/metrics` and nothing else. */
  readonly metricsKey: string | undefined;
  /** Undefined: nobody is told of traces. */
  readonly tracing: TracingSettings | undefined;
  readonly cors: '*' | 'none' | readonly string[];
  readonly trustProxyHops: number;
  readonly log: { readonly level: LogLevel; readonly format: 'pretty' | 'json' | undefined };
  readonly credentials: {
    readonly json: string | undefined;
    readonly file: string;
    readonly project: string | undefined;
    /** What Google's own libraries and tools look at, to find Application Default Credentials. */
    readonly googleEnv: Environment;
    readonly oauth: {
      readonly clientId: string | undefined;
      readonly clientSecret: string | undefined;
      readonly authUrl: string | undefined;
      readonly tokenUrl: string | undefined;
    };
  };
  readonly upstream: {
    readonly kind: 'auto' | DoorKind;
    /** The doors that come after it, in this order. */
    readonly further: readonly DoorKind[];
    readonly codeAssistEndpoint: string;
    readonly geminiApiKey: string | undefined;
    /** GEMINI_API_KEYS. */
    readonly apiKeys: readonly ApiKey[];
    /** GEMINI_API_KEYS_FILE. */
    readonly apiKeysFile: string | undefined;
    readonly fallbacks: Fallbacks;
    readonly geminiApiEndpoint: string;
    readonly location: string;
    readonly vertexEndpoint: string | undefined;
    readonly userAgent: string | undefined;
    readonly maxRetries: number;
  };
  readonly network: {
    readonly httpsProxy: string | undefined;
    readonly httpProxy: string | undefined;
    readonly noProxy: string | undefined;
    readonly connectTimeoutMs: number;
    readonly firstByteTimeoutMs: number;
    readonly idleTimeoutMs: number;
  };
  readonly database: DatabaseAddress;
  /** What replicas share; undefined: this relay is alone. */
  readonly redis: { readonly url: string; readonly prefix: string } | undefined;
  readonly requestLogDays: number;
  readonly moreModels: readonly string[];
  /** Undefined: those that are built in. */
  readonly modelAliases: readonly { readonly asked: string; readonly served: string }[] | undefined;
  readonly fetchRemoteImages: boolean;
  readonly storesInteractions: boolean;
  readonly limits: {
    readonly maxBodyBytes: number;
    readonly maxConcurrentRequests: number;
    readonly maxQueuedRequests: number;
    readonly queueTimeoutMs: number;
    readonly requestTimeoutMs: number;
    readonly heartbeatMs: number;
    readonly keepResponsesMs: number;
    readonly shutdownDelayMs: number;
    readonly shutdownGraceMs: number;
  };
  /** Every secret value: for the redactor. */
  readonly secrets: readonly string[];
  /** What works but had better be changed; said once at the start. */
  readonly warnings: readonly string[];
}

export interface TracingSettings {
  /** Whole, as it is asked. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly sampler: SamplerName;
  readonly samplerRatio: number;
}

/** A configuration that cannot work: one line per problem, each naming its variable. Never a value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads every variable once. Throws ConfigError with all problems together. Opens no file. */
export const parseConfig = (env: Environment): Config => {
  const { values, problems } = readGiven(env);
  // Contradictions are looked for among the values that could be read.
  problems.push(...contradictions(values), ...keyProblems(values));
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(toConfig(withDefaults(values), env));
};

/** The variables that are set to anything. Quotes that a loader left around a value are no part of it. */
export const givenIn = (env: Environment): Record<string, string> => {
  const found: Record<string, string> = {};
  for (const name of Object.keys(VARIABLES)) {
    const written = env[name] ?? (name.endsWith('_PROXY') ? env[name.toLowerCase()] : undefined);
    const value = unquoted(written?.trim() ?? '');
    if (value !== '') found[name] = value;
  }
  return found;
};

const unquoted = (value: string): string => (/^(["'])[^"']*\1$/.test(value) ? value.slice(1, -1) : value);

/** One by one: a schema of all variables at once would cost a start more than everything else about them. */
const readGiven = (env: Environment): { readonly values: Values; readonly problems: string[] } => {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, written] of Object.entries(givenIn(env)) as [VariableName, string][]) {
    const read = VARIABLES[name].schema.safeParse(written);
    if (read.success) values[name] = read.data;
    else problems.push(...read.error.issues.map(({ message }) => describe(name, message)));
  }
  return { values, problems };
};

const describe = (name: VariableName, message: string): string => {
  const { example, secret } = VARIABLES[name] as Variable;
  return `${name} ${message}. For example: ${secret === 'whole' || secret === 'keys' ? `${name} set to ${example}` : `${name}=${example}`}`;
};

/** Pairs of times of which the first must not be the longer one. Only what is set is compared: defaults fit. */
const WITHIN = [
  ['CONNECT_TIMEOUT_MS', 'REQUEST_TIMEOUT_MS'],
  ['FIRST_BYTE_TIMEOUT_MS', 'REQUEST_TIMEOUT_MS'],
  ['IDLE_TIMEOUT_MS', 'REQUEST_TIMEOUT_MS'],
  ['QUEUE_TIMEOUT_MS', 'REQUEST_TIMEOUT_MS'],
] as const;

const contradictions = (values: Values): string[] => {
  const problems: string[] = [];
  for (const [inner, outer] of WITHIN) {
    const [a, b] = [values[inner], values[outer]];
    if (a !== undefined && b !== undefined && a > b) {
      problems.push(`${inner} is longer than ${outer}, so it could never be reached. For example: ${inner}=${b}`);
    }
  }
  const { GOOGLE_CLOUD_PROJECT: project, GEMINI_PROJECT_ID: alias } = values;
  if (project !== undefined && alias !== undefined && project !== alias) {
    problems.push(
      'GEMINI_PROJECT_ID is another name for GOOGLE_CLOUD_PROJECT, but the two differ. Remove one of them.',
    );
  }
  const { GEMINI_API_KEY: key, GEMINI_API_KEYS: several = [] } = values;
  if (key !== undefined) {
    const { problems: doubled } = joinApiKeys([{ label: DEFAULT_LABEL, key }], several);
    for (const problem of doubled)
      problems.push(`GEMINI_API_KEYS: ${problem}, by GEMINI_API_KEY. Name the other one differently.`);
  }
  const { GOOGLE_OAUTH_CLIENT_ID: id, GOOGLE_OAUTH_CLIENT_SECRET: secret } = values;
  if ((id === undefined) !== (secret === undefined)) {
    const missing = id === undefined ? 'GOOGLE_OAUTH_CLIENT_ID' : 'GOOGLE_OAUTH_CLIENT_SECRET';
    problems.push(`${missing} is missing: an OAuth client of your own needs its id and its secret. Set both or none.`);
  }
  return problems;
};

const GOOGLE_NAMES = ['HOME', 'APPDATA', 'CLOUDSDK_CONFIG', 'GCE_METADATA_HOST', 'GOOGLE_CLOUD_QUOTA_PROJECT'] as const;

const toConfig = (values: Filled, env: Environment): Config => {
  const host = values.HOST;
  const keys = keysOf(values);
  const [kind, ...further] = values.UPSTREAM === 'auto' ? (['auto'] as const) : values.UPSTREAM;
  return {
    listen: { host, port: values.PORT, isPublic: !isLoopback(host) },
    keys,
    console: { isOn: values.CONSOLE === 'on', adminKey: values.ADMIN_KEY },
    metricsKey: values.METRICS_KEY,
    tracing: tracingOf(values),
    cors: values.CORS_ORIGIN,
    trustProxyHops: values.TRUST_PROXY_HOPS,
    log: { level: values.LOG_LEVEL, format: values.LOG_FORMAT },
    credentials: {
      json: values.GEMINI_CREDENTIALS,
      file: values.GOOGLE_APPLICATION_CREDENTIALS,
      project: values.GOOGLE_CLOUD_PROJECT ?? values.GEMINI_PROJECT_ID,
      googleEnv: Object.fromEntries(
        GOOGLE_NAMES.flatMap((name) => ((env[name] ?? '').trim() === '' ? [] : [[name, env[name]]])),
      ),
      oauth: {
        clientId: values.GOOGLE_OAUTH_CLIENT_ID,
        clientSecret: values.GOOGLE_OAUTH_CLIENT_SECRET,
        authUrl: values.GOOGLE_OAUTH_AUTH_URL,
        tokenUrl: values.GOOGLE_OAUTH_TOKEN_URL,
      },
    },
    upstream: {
      kind,
      further,
      codeAssistEndpoint: values.CODE_ASSIST_ENDPOINT,
      geminiApiKey: values.GEMINI_API_KEY,
      apiKeys: values.GEMINI_API_KEYS ?? [],
      apiKeysFile: values.GEMINI_API_KEYS_FILE,
      fallbacks: values.FALLBACKS ?? {},
      geminiApiEndpoint: values.GEMINI_API_ENDPOINT,
      location: values.GOOGLE_CLOUD_LOCATION,
      vertexEndpoint: values.VERTEX_ENDPOINT,
      userAgent: values.UPSTREAM_USER_AGENT,
      maxRetries: values.MAX_RETRIES,
    },
    network: {
      httpsProxy: values.HTTPS_PROXY,
      httpProxy: values.HTTP_PROXY,
      noProxy: values.NO_PROXY,
      connectTimeoutMs: values.CONNECT_TIMEOUT_MS,
      firstByteTimeoutMs: values.FIRST_BYTE_TIMEOUT_MS,
      idleTimeoutMs: values.IDLE_TIMEOUT_MS,
    },
    database: values.DATABASE_URL ?? {
      kind: 'sqlite',
      path: join(dirname(values.GOOGLE_APPLICATION_CREDENTIALS), 'relay.db'),
    },
    redis: values.REDIS_URL === undefined ? undefined : { url: values.REDIS_URL, prefix: values.REDIS_PREFIX },
    requestLogDays: values.REQUEST_LOG_DAYS,
    moreModels: values.MODELS ?? [],
    modelAliases: values.MODEL_ALIASES,
    fetchRemoteImages: values.FETCH_REMOTE_IMAGES,
    storesInteractions: values.STORE_INTERACTIONS,
    limits: {
      maxBodyBytes: values.MAX_BODY_BYTES,
      maxConcurrentRequests: values.MAX_CONCURRENT_REQUESTS,
      maxQueuedRequests: values.MAX_QUEUED_REQUESTS,
      queueTimeoutMs: values.QUEUE_TIMEOUT_MS,
      requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
      heartbeatMs: values.HEARTBEAT_MS,
      keepResponsesMs: values.RESPONSES_TTL_HOURS * HOUR_MS,
      shutdownDelayMs: values.SHUTDOWN_DELAY_MS,
      shutdownGraceMs: values.SHUTDOWN_GRACE_MS,
    },
    secrets: secretsOf(env),
    warnings: keyWarnings([...keys, ...ownersKeysOf(values)]),
  };
};

const tracingOf = (values: Filled): TracingSettings | undefined => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = values;
  const url = own ?? (base === undefined ? undefined : `${base}/v1/traces`);
  if (url === undefined || values.OTEL_SDK_DISABLED || values.OTEL_TRACES_EXPORTER === 'none') return undefined;
  return {
    url,
    headers: values.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    serviceName: values.OTEL_SERVICE_NAME,
    resourceAttributes: values.OTEL_RESOURCE_ATTRIBUTES ?? {},
    sampler: values.OTEL_TRACES_SAMPLER,
    samplerRatio: values.OTEL_TRACES_SAMPLER_ARG,
  };
};

const HOUR_MS = 3_600_000;

const secretsOf = (env: Environment): string[] =>
  Object.entries(givenIn(env)).flatMap(([name, written]) => secretsIn(VARIABLES[name as VariableName], written));

const deepFreeze = <T extends object>(value: T): T => {
  for (const inner of Object.values(value) as unknown[]) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
};
