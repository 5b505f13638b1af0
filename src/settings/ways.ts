/** How each variable can be changed while the relay serves. */
import { VARIABLES } from '../config/variables.ts';
import type { Variable, VariableName } from '../config/variables.ts';

/** In force at once. All others are read when the relay starts. */
const LIVE: ReadonlySet<VariableName> = new Set<VariableName>([
  ...(['LOG_LEVEL', 'MODELS', 'MODEL_ALIASES', 'FALLBACKS', 'MAX_RETRIES', 'CORS_ORIGIN'] as const),
  ...(['FETCH_REMOTE_IMAGES', 'STORE_INTERACTIONS', 'REQUEST_LOG_DAYS'] as const),
]);
const LIVE_SECTIONS: readonly Variable['section'][] = ['limits', 'times'];

export const isLive = (name: VariableName): boolean =>
  LIVE.has(name) || LIVE_SECTIONS.includes(VARIABLES[name].section);

/**
 * Only where the relay is started. Who holds the console's key alone must not be able to send the owner's login
 * elsewhere, to read files of the machine or to open it to the world; and where settings are kept cannot stand there.
 */
const FIXED: ReadonlySet<VariableName> = new Set<VariableName>([
  ...(['DATABASE_URL', 'GOOGLE_APPLICATION_CREDENTIALS', 'GEMINI_API_KEYS_FILE', 'REDIS_PREFIX'] as const),
  ...(['GOOGLE_OAUTH_CLIENT_ID', 'GOOGLE_OAUTH_AUTH_URL', 'GOOGLE_OAUTH_TOKEN_URL'] as const),
  ...(['CODE_ASSIST_ENDPOINT', 'GEMINI_API_ENDPOINT', 'VERTEX_ENDPOINT', 'NO_PROXY'] as const),
  ...(['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const),
  ...(['HOST', 'TRUST_PROXY_HOPS', 'ALLOW_WEAK_KEY', 'CONSOLE'] as const),
]);

/** A secret is never written into the database. */
export const isFixed = (name: VariableName): boolean => FIXED.has(name) || isSecret(name);

export const isSecret = (name: VariableName): boolean => variableOf(name).secret !== undefined;

export const variableOf = (name: VariableName): Variable => VARIABLES[name];

export const isVariable = (name: string): name is VariableName => Object.hasOwn(VARIABLES, name);

export const VARIABLE_NAMES: readonly VariableName[] = Object.keys(VARIABLES).filter(isVariable);
