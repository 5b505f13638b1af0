/** `service_tier` and `metadata`: what is asked of the account and not of the model, as far as Google has it. */
import type { Ignored } from '../../conversation/ignored.ts';
import type { JsonObject } from '../../gemini/types.ts';

export interface AccountFields {
  readonly serviceTier: string | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/** What not every door takes, as clients of both APIs call it (`upstreams/left-out.ts`). */
export const CLIENT_NAMES = {
  serviceTier: 'service_tier',
  labels: 'metadata',
  'tools[].googleSearch.excludeDomains': 'tools[].filters.blocked_domains',
};

export const NO_ACCOUNT_FIELDS: AccountFields = { serviceTier: undefined, labels: undefined };

export const readAccountFields = (
  sent: { readonly service_tier?: string | undefined; readonly metadata?: JsonObject | undefined },
  ignored: Ignored,
): AccountFields => ({
  serviceTier: sent.service_tier === undefined ? undefined : readTier(sent.service_tier, ignored),
  labels: sent.metadata === undefined ? undefined : readLabels(sent.metadata, ignored),
});

const TIERS: ReadonlyMap<string, string> = new Map([
  ['default', 'standard'],
  ['standard', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
]);

const readTier = (tier: string, ignored: Ignored): string | undefined => {
  const found = TIERS.get(tier);
  // `auto` leaves it to whoever serves, as saying nothing does.
  if (found === undefined && tier !== 'auto') ignored.add(CLIENT_NAMES.serviceTier);
  return found;
};

/** What an answer says of it. `leftOut`: by the door. */
export const servedTier = (tier: string | undefined, leftOut: ReadonlySet<string> | undefined): string =>
  (tier === 'flex' || tier === 'priority') && leftOut?.has(CLIENT_NAMES.serviceTier) !== true ? tier : 'default';

/** Google Cloud's rule for labels is narrower than OpenAI's: what does not fit is told by its name. */
const KEY = /^[a-z][a-z0-9_-]{0,62}$/;
const VALUE = /^[a-z0-9_-]{0,63}$/;
const MOST_LABELS = 64;

const readLabels = (metadata: JsonObject, ignored: Ignored): Readonly<Record<string, string>> | undefined => {
  const labels: [string, string][] = [];
  for (const [key, value] of Object.entries(metadata)) {
    const fits = typeof value === 'string' && KEY.test(key) && VALUE.test(value) && labels.length < MOST_LABELS;
    if (fits) labels.push([key, value]);
    else ignored.add(`${CLIENT_NAMES.labels}.${key}`);
  }
  return labels.length > 0 ? Object.fromEntries(labels) : undefined;
};
