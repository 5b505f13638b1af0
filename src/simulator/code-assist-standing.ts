import type { Account, Standing } from './account.ts';
import type { GoogleError } from './google-error.ts';
import { errorInfo, help, permissionDenied } from './google-error.ts';
import { stringOf, type Fields } from './values.ts';

const FREE = {
  id: 'free-tier',
  name: 'Gemini Code Assist for individuals',
  description: 'Gemini-powered code suggestions and chat in multiple IDEs',
  privacyNotice: { showNotice: true, noticeText: 'Gemini for individuals privacy notice' },
} as const;

const STANDARD = {
  id: 'standard-tier',
  name: 'Gemini Code Assist',
  description: 'Unlimited coding assistant with the most powerful Gemini models',
  userDefinedCloudaicompanionProject: true,
  privacyNotice: {},
} as const;

const byDefault = (tier: Fields): Fields => ({ ...tier, isDefault: true });

const ANSWERS: Readonly<Record<Exclude<Standing, 'vpc-sc'>, (account: Account) => Fields>> = {
  standard: ({ project }) => ({
    currentTier: STANDARD,
    allowedTiers: [byDefault(STANDARD)],
    cloudaicompanionProject: project,
    gcpManaged: true,
  }),
  'standard-own-project': () => ({ currentTier: STANDARD, allowedTiers: [byDefault(STANDARD)], gcpManaged: true }),
  free: ({ project }) => ({
    currentTier: FREE,
    allowedTiers: [byDefault(FREE), STANDARD],
    cloudaicompanionProject: project,
    gcpManaged: false,
  }),
  'free-onboarding': () => ({ allowedTiers: [byDefault(FREE), STANDARD] }),
  'standard-onboarding': ({ ineligible }) => ({ allowedTiers: [byDefault(STANDARD)], ineligibleTiers: [ineligible] }),
  legacy: () => ({ allowedTiers: [STANDARD] }),
  'validation-required': () => ({
    allowedTiers: [STANDARD],
    ineligibleTiers: [
      {
        reasonCode: 'VALIDATION_REQUIRED',
        reasonMessage: 'Verify your account to continue.',
        tierId: FREE.id,
        tierName: FREE.name,
        validationErrorMessage: 'Verify your account to continue.',
        validationUrl: 'https://accounts.google.com/signin/continue?simulated=validation',
        validationUrlLinkText: 'Verify your account',
        validationLearnMoreUrl: 'https://support.google.com/accounts?p=al_alert',
        validationLearnMoreLinkText: 'Learn more',
      },
    ],
  }),
  'unsupported-client': () => ({
    allowedTiers: [STANDARD],
    ineligibleTiers: [
      {
        reasonCode: 'UNSUPPORTED_CLIENT',
        reasonMessage:
          'This client is no longer supported for Gemini Code Assist for individuals. To continue using Gemini, please migrate to the Antigravity suite of products.',
        tierId: FREE.id,
        tierName: FREE.name,
      },
    ],
  }),
  ineligible: ({ ineligible }) => ({ allowedTiers: [STANDARD], ineligibleTiers: [ineligible] }),
  'no-licence': () => ({ currentTier: STANDARD, allowedTiers: [byDefault(STANDARD)] }),
  empty: () => ({}),
};

export const loadAnswer = (account: Account, request: Fields): Fields => {
  if (account.standing === 'vpc-sc') {
    throw permissionDenied(
      "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: simulated",
      [
        errorInfo('SECURITY_POLICY_VIOLATED', 'googleapis.com', {
          service: 'cloudcode-pa.googleapis.com',
          uid: 'simulated',
        }),
      ],
    );
  }
  if (stringOf(request.cloudaicompanionProject) === 'cloudshell-gca') {
    throw permissionDenied('Permission denied on resource project cloudshell-gca.');
  }
  return ANSWERS[account.standing](account);
};

const licence = (): GoogleError =>
  permissionDenied(
    "This project requires a Gemini Code Assist license. You must be a named user on your organization's Gemini Code Assist Standard or Enterprise edition subscription. Please contact your administrator to request an entitlement. (#3501)",
    [
      help({
        description: 'Gemini Code Assist licenses',
        url: 'https://cloud.google.com/gemini/docs/discover/set-up-gemini',
      }),
    ],
  );

/** The projects in which the account may generate; a refusal where it may not at all. */
export const projectsOf = (account: Account): readonly string[] => {
  switch (account.standing) {
    case 'standard':
      return [account.project, ...account.ownProjects];
    case 'free':
      return [account.project];
    case 'standard-own-project':
    case 'vpc-sc':
      return account.ownProjects;
    case 'no-licence':
      throw licence();
    default:
      throw permissionDenied('The caller does not have permission');
  }
};
