/**
 * What Google has against the relay's own account, project or key. Never the client's 401 or 403: 503, not to be
 * retried, and a sentence for the owner with the way out.
 */
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { DoorCause } from '../reasons.ts';
import type { Findings } from './google-details.ts';
import type { GoogleFailure } from './google-error-body.ts';
import { sanitise } from './sanitise.ts';

type TroubleReason = 'account_ineligible' | 'config_error' | 'upstream_auth_error' | 'login_required';

/** For statuses 401 and 403, and for the few others that are about the account; undefined for everything else. */
export const accountTrouble = (status: number, failure: GoogleFailure, findings: Findings): RelayError | undefined => {
  const named = findings.reasons.map((reason) => ownTrouble(reason, findings)).find((found) => found !== undefined);
  const isPlain = status === 401 || status === 403;
  const about = named ?? (isPlain ? inWords(status, failure) : aboutProject(status, failure, findings));
  if (!about) return undefined;
  const [reason, sentence, doorCause] = about;
  return failed(reason, sentence, {
    told: sanitise(failure.message),
    ...(doorCause !== undefined && { doorCause }),
  });
};

export const UNSUPPORTED_CLIENT =
  'Google no longer serves this login type for personal accounts since 18 June 2026. Use an API key (GEMINI_API_KEY), ' +
  'Vertex AI (UPSTREAM=vertex), or an account with a Code Assist Standard or Enterprise licence.';

const NO_LICENCE =
  'The Google account has no Code Assist licence on the very project that the relay calls. Unset GOOGLE_CLOUD_PROJECT where ' +
  'the account is personal; else set it to the project on which the licence is assigned, or ask the administrator of the ' +
  'subscription to assign it to this account on this project, as a named user.';

/** `doorCause` where the reason alone does not say it. */
type Trouble = readonly [reason: TroubleReason, sentence: string, doorCause?: DoorCause];

const ownTrouble = (reason: string, { metadata, links }: Findings): Trouble | undefined => {
  switch (reason) {
    case 'VALIDATION_REQUIRED': {
      const link = metadata.validation_url ?? metadata.validation_link ?? links[0]?.url;
      return [
        'account_ineligible',
        `Google wants this account verified first${link ? `: ${link}` : ''}. Then try again.`,
      ];
    }
    case 'TOS_VIOLATION': {
      const link = metadata.appeal_url ?? links[0]?.url;
      return [
        'account_ineligible',
        `Google has suspended this account for a violation of its terms.${link ? ` Appeal: ${link}` : ''}`,
      ];
    }
    case 'SERVICE_DISABLED': {
      const link = metadata.activationUrl ?? links[0]?.url;
      const service = metadata.serviceTitle ?? metadata.service ?? 'The API';
      return [
        'config_error',
        `${service} is not enabled in the Google Cloud project. Enable it${link ? `: ${link}` : ''}, and wait some minutes.`,
      ];
    }
    case 'CONSUMER_INVALID':
    case 'CONSUMER_SUSPENDED':
    case 'RESOURCE_PROJECT_INVALID':
    case 'USER_PROJECT_DENIED':
      return ['config_error', 'Google refuses the Google Cloud project. Check the project id in GOOGLE_CLOUD_PROJECT.'];
    case 'BILLING_DISABLED':
      return [
        'config_error',
        'The Google Cloud project has no billing account. Link one to it in the Cloud console.',
        'billing',
      ];
    case 'IAM_PERMISSION_DENIED': {
      const permission = metadata.permission;
      return [
        'config_error',
        `The Google account may not do this in the project${permission ? `: it lacks the permission ${permission}` : ''}.` +
          ' Grant it a role that has it.',
      ];
    }
    case 'ACCESS_TOKEN_SCOPE_INSUFFICIENT':
      return [
        'login_required',
        'The login lacks the cloud-platform scope. Log in anew with `npm run login -- --force`.',
      ];
    case 'ACCESS_TOKEN_EXPIRED':
    case 'ACCESS_TOKEN_TYPE_UNSUPPORTED':
    case 'CREDENTIALS_MISSING':
      return ['upstream_auth_error', REFUSED_LOGIN];
    case 'UNSUPPORTED_CLIENT':
      return ['account_ineligible', UNSUPPORTED_CLIENT];
    case 'INELIGIBLE_ACCOUNT':
    case 'DASHER_USER':
    case 'NON_USER_ACCOUNT':
    case 'RESTRICTED_AGE':
    case 'RESTRICTED_NETWORK':
    case 'UNSUPPORTED_LOCATION':
    case 'UNKNOWN_LOCATION':
      return ['account_ineligible', 'Google does not serve this account here.'];
    case 'SECURITY_POLICY_VIOLATED':
      return [
        'config_error',
        "The organisation's security perimeter blocks this call. Set GOOGLE_CLOUD_PROJECT to a project inside it.",
      ];
    default:
      return reason.startsWith('API_KEY_')
        ? [
            'config_error',
            'Google refuses the API key of the relay. Check GEMINI_API_KEY and the restrictions of the key.',
            DEAD_KEY.has(reason) ? 'invalid_key' : 'permission',
          ]
        : undefined;
  }
};

/** The others say what a good key is not allowed: an API, an address, a site. */
const DEAD_KEY: ReadonlySet<string> = new Set(['API_KEY_INVALID', 'API_KEY_EXPIRED', 'API_KEY_NOT_FOUND']);

const REFUSED_LOGIN =
  'Google refuses the login of the relay. If this stays, log in anew with `npm run login -- --force`.';

/** Without a reason field, Google's words are all there is. */
const inWords = (status: number, { message }: GoogleFailure): Trouble | undefined => {
  if (status === 401) return ['upstream_auth_error', REFUSED_LOGIN];
  if (message.includes('#3501') || /named user|licen[cs]e/i.test(message)) return ['account_ineligible', NO_LICENCE];
  if (/has not been used in project|it is disabled/i.test(message)) {
    return ['config_error', 'An API is not enabled in the Google Cloud project.'];
  }
  if (/reported as leaked/i.test(message)) {
    return [
      'config_error',
      'Google has locked the API key of the relay, for it was found in public. Make a new one in AI Studio.',
      'invalid_key',
    ];
  }
  // A cache, a file or a tuned model that the request names: no fault of the key, and nothing that closes it.
  if (/^CachedContent not found|permission to access the (?:file|tuned ?model)/i.test(message)) return undefined;
  return ['upstream_auth_error', "Google denies the relay's own account this call.", 'permission'];
};

/** 400 and 404 that mean the project, not the model. */
const aboutProject = (status: number, { message }: GoogleFailure, findings: Findings): Trouble | undefined => {
  if (status === 404 && findings.resourceTypes.some((type) => /project/i.test(type))) {
    return [
      'config_error',
      'Google does not know the Google Cloud project. Check the project id in GOOGLE_CLOUD_PROJECT.',
    ];
  }
  if (status === 400 && /api key not valid|api key expired/i.test(message)) {
    return ['config_error', 'Google refuses the API key of the relay. Check GEMINI_API_KEY.', 'invalid_key'];
  }
  return undefined;
};
