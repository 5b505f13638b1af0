/** What Google's error details say: `google.rpc.ErrorInfo` and its kin. */
import { isObject } from '../json.ts';
import { isDeeperThan } from '../json/reader.ts';
import type { GoogleFailure } from './google-error-body.ts';
import { withoutAccount } from './sanitise.ts';

export interface Findings {
  /** `reason` of each ErrorInfo, in order. */
  readonly reasons: readonly string[];
  /** All metadata of all ErrorInfos. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly quotaIds: readonly string[];
  /** A quota of nothing at all is among them: the project has no access to the model. */
  readonly hasNoQuota: boolean;
  readonly links: readonly { readonly description: string; readonly url: string }[];
  readonly resourceTypes: readonly string[];
  readonly retryAfterMs: number | undefined;
}

export const readDetails = (failure: GoogleFailure, now: number): Findings => {
  const reasons: string[] = [];
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>;
  const quotaIds: string[] = [];
  let hasNoQuota = LIMIT_OF_NOTHING.test(failure.message.slice(0, 4096));
  const links: { description: string; url: string }[] = [];
  const resourceTypes: string[] = [];
  let retryDelay: number | undefined;

  for (const detail of failure.details) {
    switch (kindOf(detail)) {
      case 'ErrorInfo':
        if (typeof detail.reason === 'string') reasons.push(detail.reason);
        for (const [key, value] of Object.entries(objectOf(detail.metadata))) {
          if (typeof value === 'string') metadata[key] = value;
        }
        break;
      case 'RetryInfo':
        retryDelay ??= parseDuration(detail.retryDelay);
        break;
      case 'QuotaFailure':
        for (const violation of listOf(detail.violations)) {
          if (typeof violation.quotaId === 'string') quotaIds.push(violation.quotaId);
          hasNoQuota ||= violation.quotaValue === '0' || violation.quotaValue === 0;
        }
        break;
      case 'Help':
        for (const { description, url } of listOf(detail.links)) {
          if (typeof url === 'string')
            links.push({ description: typeof description === 'string' ? description : '', url });
        }
        break;
      case 'ResourceInfo':
        if (typeof detail.resourceType === 'string') resourceTypes.push(detail.resourceType);
        break;
    }
  }
  const resetAt = Date.parse(metadata.quotaResetTimeStamp ?? '');
  const retryAfterMs =
    retryDelay ??
    soberWait(Number.isNaN(resetAt) ? undefined : Math.max(0, resetAt - now)) ??
    parseDuration(metadata.quotaResetDelay) ??
    delayInText(failure.message);
  return { reasons, metadata, quotaIds, hasNoQuota, links, resourceTypes, retryAfterMs };
};

const LIMIT_OF_NOTHING = /limit: 0(?![.\d])/;

/** A quota of a day, by its id. */
export const isPerDay = (quotaId: string): boolean => /PerDay|Daily/i.test(quotaId);

/** Details for native clients, who read delays and quotas from them. Bounded, and without the account's traces. */
export const publicDetails = (details: GoogleFailure['details']): readonly unknown[] => {
  if (isDeeperThan(details, DEEPEST_DETAILS)) return [];
  const sober = details.filter(
    (detail) => kindOf(detail) !== 'RetryInfo' || parseDuration(detail.retryDelay) !== undefined,
  );
  const text = JSON.stringify(sober);
  return text.length > DETAILS_LIMIT ? [] : (JSON.parse(withoutAccount(text)) as unknown[]);
};

const DETAILS_LIMIT = 16_384;
const DEEPEST_DETAILS = 100;

/** No quota lasts longer; what says so is a mistake, and nobody is told to wait for it. */
const LONGEST_WAIT_MS = 31 * 86_400_000;

export const soberWait = (ms: number | undefined): number | undefined =>
  ms === undefined || ms > LONGEST_WAIT_MS ? undefined : ms;

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** `34.07s`, `900ms`, `13h19m1.2s`; protobuf's own JSON knows only the first. */
export const parseDuration = (value: unknown): number | undefined => {
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const text = value.trim();
  if (!/^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(?<!\d)(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return soberWait(Math.ceil(total));
};

/** "Please retry in 3.2s", "Your quota will reset after 3h12m4s.", "Resets in 9h22m20s." */
const delayInText = (message: string): number | undefined =>
  parseDuration(
    /(?:retry in|reset after|resets in)\s+((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)/i.exec(message.slice(0, 4096))?.[1],
  );

const kindOf = (detail: Readonly<Record<string, unknown>>): string => {
  const type = detail['@type'];
  return typeof type === 'string' ? type.slice(type.lastIndexOf('.') + 1).trim() : '';
};

const objectOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});

const listOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
