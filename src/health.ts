/** The words of `/health`, in the order of the contract. */
export type HealthStatus =
  | 'healthy'
  | 'starting'
  | 'login_required'
  | 'credentials_invalid'
  | 'config_error'
  | 'account_ineligible'
  | 'token_unavailable'
  | 'draining'
  | 'doors_closed';

/** How `npm run health` calls itself to the relay: what it only looks at is no use of the owner's. */
export const CHECKER = 'gemini-cli-relay-health';

/** Whether a request would be relayed now, and the way out where not. Known without asking anybody. */
export interface Status {
  readonly status: HealthStatus;
  /** Fit for everybody, as the next: names no account, path or project. */
  readonly message: string;
  /** What to do about it. */
  readonly fix?: string | undefined;
  /** For callers with a key: source, expiry, project, tier, … */
  readonly details?: Readonly<Record<string, unknown>>;
}

export type StatusSource = () => Status;

/** The first trouble among the sources is the answer; all well is `healthy`. Details of all are joined. */
export const combineStatus = (sources: readonly StatusSource[]): Status => {
  const found = sources.map((source) => source());
  const worst = found.find(({ status }) => status !== 'healthy') ?? found[0];
  const details = Object.assign({}, ...found.map((status) => status.details ?? {})) as Record<string, unknown>;
  return { status: worst?.status ?? 'healthy', message: worst?.message ?? 'Ready.', fix: worst?.fix, details };
};

/** With its commands, in whatever is told of it, as they are typed where the relay stands. */
export const asTyped = (status: Status, typed: (text: string) => string): Status => inTexts(status, typed) as Status;

const inTexts = (value: unknown, typed: (text: string) => string): unknown => {
  if (typeof value === 'string') return typed(value);
  if (Array.isArray(value)) return value.map((item: unknown) => inTexts(item, typed));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inTexts(inner, typed)]));
};
