/** How much a key may use. The names are those of the console's API and of the database; options have dashes. */
export const LIMITS = {
  rpm: { span: 'minute', counts: 'requests', meaning: 'requests per minute' },
  tpm: { span: 'minute', counts: 'tokens', meaning: 'tokens per minute' },
  concurrent: { span: 'now', counts: 'requests', meaning: 'requests at a time' },
  requests_per_day: { span: 'day', counts: 'requests', meaning: 'requests per day' },
  tokens_per_day: { span: 'day', counts: 'tokens', meaning: 'tokens per day' },
  requests_per_month: { span: 'month', counts: 'requests', meaning: 'requests per month' },
  tokens_per_month: { span: 'month', counts: 'tokens', meaning: 'tokens per month' },
  /** In US dollars, estimated. */
  cost_per_month: { span: 'month', counts: 'cost', meaning: 'US dollars per month (estimated)' },
} as const satisfies Record<string, Limit>;

export interface Limit {
  readonly span: 'now' | 'minute' | 'day' | 'month';
  readonly counts: 'requests' | 'tokens' | 'cost';
  readonly meaning: string;
}

/** As a sentence has it: `1 request per day`. */
export const spellLimit = (name: LimitName, most: number): string => {
  const { meaning } = LIMITS[name];
  return `${most} ${most === 1 ? meaning.replace(/s\b/, '') : meaning}`;
};

export type LimitName = keyof typeof LIMITS;

/** Null: no limit. */
export type Limits = Readonly<Record<LimitName, number | null>>;

export const LIMIT_NAMES: readonly LimitName[] = [
  ...(['rpm', 'tpm', 'concurrent', 'requests_per_day', 'tokens_per_day'] as const),
  ...(['requests_per_month', 'tokens_per_month', 'cost_per_month'] as const),
];

/** A limit of some key. */
export interface SetLimit extends Limit {
  readonly name: LimitName;
  readonly most: number;
}

export const setLimitsOf = (limits: Limits): readonly SetLimit[] =>
  LIMIT_NAMES.flatMap((name) => {
    const most = limits[name];
    return most === null ? [] : [{ name, most, ...LIMITS[name] }];
  });

/** One value for each limit. */
export const perLimit = <Value>(valueOf: (name: LimitName) => Value): Record<LimitName, Value> => ({
  rpm: valueOf('rpm'),
  tpm: valueOf('tpm'),
  concurrent: valueOf('concurrent'),
  requests_per_day: valueOf('requests_per_day'),
  tokens_per_day: valueOf('tokens_per_day'),
  requests_per_month: valueOf('requests_per_month'),
  tokens_per_month: valueOf('tokens_per_month'),
  cost_per_month: valueOf('cost_per_month'),
});
