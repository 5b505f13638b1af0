/** What the console's API tells (docs/console.md). */

export interface UsageSum {
  readonly requests: number;
  readonly errors: number;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly thought_tokens: number;
  /** Null: nobody knows. */
  readonly cost_usd: number | null;
  /** Requests that the cost does not hold. */
  readonly unpriced?: number;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p50_first_ms: number | null;
}

export interface UsageRow extends UsageSum {
  readonly group: string;
}

export interface RequestRow {
  readonly id: string;
  readonly time: string;
  readonly key: string;
  readonly door: string | null;
  readonly format: string | null;
  readonly route: string | null;
  readonly model: string | null;
  readonly served_model: string | null;
  readonly stream: boolean;
  readonly status: number;
  readonly reason: string | null;
  readonly ms: number;
  readonly first_ms: number | null;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly thought_tokens: number;
  readonly cost_usd: number | null;
  readonly retries: number;
  readonly client: string | null;
}

export interface Standing {
  readonly state: string;
  readonly cause?: string | null;
  readonly until?: string | null;
}

export interface Door extends Standing {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly models?: readonly (Standing & { readonly model: string })[];
  readonly requests: number;
  readonly errors: number;
}

export interface ClientKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly disabled: boolean;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly models: readonly string[] | null;
  readonly doors: readonly string[] | null;
  readonly used: Readonly<Record<string, number | undefined>>;
  /** Its limits, by name. */
  readonly [limit: string]: unknown;
}

export interface Setting {
  readonly name: string;
  readonly value: string | number | boolean | null;
  readonly origin: 'environment' | 'file' | 'page' | 'default';
  readonly locked: boolean;
  readonly restart: boolean;
  readonly meaning: string;
  readonly section: string;
  readonly kind: 'text' | 'number' | 'boolean' | 'choice' | 'list';
  readonly choices?: readonly string[];
  readonly section_title: string;
  /** Its value is never told, only whether there is one. */
  readonly secret: boolean;
  /** Null: none, or one that depends (`by_default` says on what). */
  readonly default: string | number | boolean | null;
  readonly by_default: string | null;
  readonly example: string | null;
  /** Changed, and in force at the next start. */
  readonly pending: boolean;
  /** Why what was kept is not in force. */
  readonly problem: string | null;
}

/** What the stream of events tells, as it happens. */
export type Happening =
  { readonly name: 'request'; readonly data: RequestRow } | { readonly name: 'door'; readonly data: Door };

/** A key as it is made or rotated: with its secret, this once. */
export type MadeKey = ClientKey & { readonly key: string };

/** Ready settings for one client. */
export interface ClientSettings {
  readonly id: string;
  readonly name: string;
  readonly where: string;
  readonly url?: string;
  readonly language: string;
  readonly text: string;
}
