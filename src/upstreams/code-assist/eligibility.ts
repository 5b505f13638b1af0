/** What Code Assist's answer about an account means for it: a project, a set-up to do, or a refusal with the ways out. */
import { failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import { UNSUPPORTED_CLIENT } from '../account-trouble.ts';
import { sanitise } from '../sanitise.ts';
import type { IneligibleTier, LoadAnswer } from './load-answer.ts';

export type Eligibility =
  | { readonly kind: 'project'; readonly project: string; readonly tier: string | undefined }
  /** `project` goes with the call, and stands in where the set-up names none. Never for the free tier. */
  | {
      readonly kind: 'onboard';
      readonly tierId: string;
      readonly project: string | undefined;
      readonly orElse: RelayError;
    }
  | { readonly kind: 'refused'; readonly error: RelayError }
  /** Google said nothing at all. */
  | { readonly kind: 'silent' };

export const FREE_TIER = 'free-tier';

/** Where Google names no default tier, it expects the account to bring a project. */
const LEGACY_TIER = 'legacy-tier';

export const readEligibility = (answer: LoadAnswer, ownProject: string | undefined): Eligibility => {
  const { currentTier } = answer;
  const ineligible = answer.ineligibleTiers ?? [];
  const allowed = answer.allowedTiers ?? [];
  const named = answer.cloudaicompanionProject || undefined;

  if (currentTier) {
    const tier = (answer.paidTier ?? currentTier).id ?? undefined;
    // Google's project wins: with another one the account is asked for a licence that it may not have.
    const project = named ?? ownProject;
    if (project !== undefined) return { kind: 'project', project, tier };
    return refused(ineligible.length > 0 ? ineligibleAccount(ineligible) : projectRequired());
  }

  if (allowed.length === 0 && ineligible.length === 0 && named === undefined) return { kind: 'silent' };

  const toValidate = ineligible.find(
    ({ reasonCode, validationUrl }) => reasonCode === 'VALIDATION_REQUIRED' && validationUrl,
  );
  if (toValidate) return refused(validationRequired(toValidate));

  const tier = allowed.find(({ isDefault }) => isDefault === true);
  const tierId = tier?.id ?? LEGACY_TIER;
  const unserved = ineligible.filter(({ reasonCode }) => reasonCode === 'UNSUPPORTED_CLIENT');
  // A licence may stand beside the personal tier that is gone; then its tier is the default one.
  if (unserved.length > 0 && (!tier || unserved.some((gone) => gone.tierId === tierId))) {
    return refused(ineligibleAccount(unserved));
  }

  const orElse = ineligible.length > 0 ? ineligibleAccount(ineligible) : projectRequired();
  if (tierId === FREE_TIER) return { kind: 'onboard', tierId, project: undefined, orElse };
  if (ownProject === undefined && (!tier || tier.userDefinedCloudaicompanionProject === true)) return refused(orElse);
  return { kind: 'onboard', tierId, project: ownProject, orElse };
};

export const accountIneligible = (problem: string, fix?: string): RelayError =>
  failed('account_ineligible', problem, { fix });

export const configError = (problem: string, fix: string): RelayError => failed('config_error', problem, { fix });

/** Code Assist takes ids; a number only looks like one. */
export const projectNumber = (): RelayError =>
  configError(
    'The Google Cloud project must be given by its id, not by its number.',
    'Set GOOGLE_CLOUD_PROJECT to the id.',
  );

const projectRequired = (): RelayError =>
  configError('This account needs a Google Cloud project of its own.', 'Set GOOGLE_CLOUD_PROJECT to its project id.');

const validationRequired = ({ reasonMessage, validationUrl, validationLearnMoreUrl }: IneligibleTier): RelayError =>
  accountIneligible(
    `Google wants you to verify this account${reasonMessage ? `: ${sanitise(reasonMessage)}` : '.'}`,
    `Verify it: ${linkOf(validationUrl)}${validationLearnMoreUrl ? ` (more: ${linkOf(validationLearnMoreUrl)})` : ''}`,
  );

const ineligibleAccount = (tiers: readonly IneligibleTier[]): RelayError => {
  if (tiers.some(({ reasonCode }) => reasonCode === 'UNSUPPORTED_CLIENT'))
    return accountIneligible(UNSUPPORTED_CLIENT.problem, UNSUPPORTED_CLIENT.fix);
  const reasons = tiers.map(({ reasonCode, reasonMessage, validationUrl }) =>
    [reasonMessage || reasonCode || 'no reason given', ...(validationUrl ? [linkOf(validationUrl)] : [])].join(' '),
  );
  return accountIneligible(
    `Google does not serve Code Assist to this account: ${sanitise(reasons.join('; '))}`,
    'Other doors: an API key (GEMINI_API_KEY), or Vertex AI (UPSTREAM=vertex).',
  );
};

/** Only a web address, whatever came. */
const linkOf = (url: string | null | undefined): string => {
  const parsed = url ? URL.parse(url) : null;
  return parsed?.protocol === 'https:' ? parsed.href.slice(0, 1024) : '(no link given)';
};

const refused = (error: RelayError): Eligibility => ({ kind: 'refused', error });
