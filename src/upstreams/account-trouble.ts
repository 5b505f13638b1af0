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
  if (status === 403 && isAboutRequest(failure, findings)) return undefined;
  const named = findings.reasons.map((reason) => ownTrouble(reason, findings)).find((found) => found !== undefined);
  const isPlain = status === 401 || status === 403;
  const about = named ?? (isPlain ? inWords(status, failure) : aboutProject(status, failure, findings));
  if (!about) return undefined;
  const { reason, problem, fix, doorCause } = about;
  return failed(reason, problem, {
    fix,
    told: sanitise(failure.message),
    ...(doorCause !== undefined && { doorCause }),
  });
};

interface Trouble {
  readonly reason: TroubleReason;
  readonly problem: string;
  /** Undefined where Google's own words say what to do, or nobody can do anything. */
  readonly fix?: string | undefined;
  /** Where the reason alone does not say it. */
  readonly doorCause?: DoorCause;
}

export const UNSUPPORTED_CLIENT = {
  reason: 'account_ineligible',
  problem: 'Google no longer serves this login type for personal accounts since 18 June 2026.',
  fix:
    'Use an API key (GEMINI_API_KEY), Vertex AI (UPSTREAM=vertex), or an account with a Code Assist Standard or ' +
    'Enterprise licence.',
} as const satisfies Trouble;

const NO_LICENCE: Trouble = {
  reason: 'account_ineligible',
  problem: 'The Google account has no Code Assist licence on the very project that the relay calls.',
  fix:
    'Unset GOOGLE_CLOUD_PROJECT where the account is personal; else set it to the project on which the licence is ' +
    'assigned, or ask the administrator of the subscription to assign it to this account on this project, as a named user.',
};

const ownTrouble = (reason: string, { metadata, links }: Findings): Trouble | undefined => {
  switch (reason) {
    case 'VALIDATION_REQUIRED': {
      const link = metadata.validation_url ?? metadata.validation_link ?? links[0]?.url;
      return {
        reason: 'account_ineligible',
        problem: 'Google wants this account verified first.',
        fix: link ? `Verify it: ${link}. Then try again.` : 'Verify it, then try again.',
      };
    }
    case 'TOS_VIOLATION': {
      const link = metadata.appeal_url ?? links[0]?.url;
      return {
        reason: 'account_ineligible',
        problem: 'Google has suspended this account for a violation of its terms.',
        fix: link ? `Appeal: ${link}` : undefined,
      };
    }
    case 'SERVICE_DISABLED': {
      const link = metadata.activationUrl ?? links[0]?.url;
      const service = metadata.serviceTitle ?? metadata.service ?? 'The API';
      return {
        reason: 'config_error',
        problem: `${service} is not enabled in the Google Cloud project.`,
        fix: `Enable it${link ? `: ${link}` : ''}, and wait some minutes.`,
      };
    }
    case 'CONSUMER_INVALID':
    case 'CONSUMER_SUSPENDED':
    case 'RESOURCE_PROJECT_INVALID':
    case 'USER_PROJECT_DENIED':
      return { reason: 'config_error', problem: 'Google refuses the Google Cloud project.', fix: CHECK_PROJECT };
    case 'BILLING_DISABLED':
      return {
        reason: 'config_error',
        problem: 'The Google Cloud project has no billing account.',
        fix: 'Link one to it in the Cloud console.',
        doorCause: 'billing',
      };
    case 'IAM_PERMISSION_DENIED': {
      const permission = metadata.permission;
      return {
        reason: 'config_error',
        problem: `The Google account may not do this in the project${permission ? `: it lacks the permission ${permission}` : ''}.`,
        fix: 'Grant it a role that has it.',
      };
    }
    case 'ACCESS_TOKEN_SCOPE_INSUFFICIENT':
      return {
        reason: 'login_required',
        problem: 'The login lacks the cloud-platform scope.',
        fix: 'Log in anew with `npm run login -- --force`.',
      };
    case 'ACCESS_TOKEN_EXPIRED':
    case 'ACCESS_TOKEN_TYPE_UNSUPPORTED':
    case 'CREDENTIALS_MISSING':
      return REFUSED_LOGIN;
    case 'UNSUPPORTED_CLIENT':
      return UNSUPPORTED_CLIENT;
    case 'INELIGIBLE_ACCOUNT':
    case 'DASHER_USER':
    case 'NON_USER_ACCOUNT':
    case 'RESTRICTED_AGE':
    case 'RESTRICTED_NETWORK':
    case 'UNSUPPORTED_LOCATION':
    case 'UNKNOWN_LOCATION':
      return { reason: 'account_ineligible', problem: 'Google does not serve this account here.' };
    case 'SECURITY_POLICY_VIOLATED':
      return {
        reason: 'config_error',
        problem: "The organisation's security perimeter blocks this call.",
        fix: 'Set GOOGLE_CLOUD_PROJECT to a project inside it.',
      };
    default:
      return reason.startsWith('API_KEY_')
        ? {
            reason: 'config_error',
            problem: REFUSED_KEY,
            fix: 'Check GEMINI_API_KEY and the restrictions of the key.',
            doorCause: DEAD_KEY.has(reason) ? 'invalid_key' : 'permission',
          }
        : undefined;
  }
};

/** The others say what a good key is not allowed: an API, an address, a site. */
const DEAD_KEY: ReadonlySet<string> = new Set(['API_KEY_INVALID', 'API_KEY_EXPIRED', 'API_KEY_NOT_FOUND']);

const REFUSED_LOGIN: Trouble = {
  reason: 'upstream_auth_error',
  problem: 'Google refuses the login of the relay.',
  fix: 'If this stays, log in anew with `npm run login -- --force`.',
};

const REFUSED_KEY = 'Google refuses the API key of the relay.';

const CHECK_PROJECT = 'Check the project id in GOOGLE_CLOUD_PROJECT.';

/** Without a reason field, Google's words are all there is. */
const inWords = (status: number, { message }: GoogleFailure): Trouble | undefined => {
  if (status === 401) return REFUSED_LOGIN;
  if (message.includes('#3501') || /named user|licen[cs]e/i.test(message)) return NO_LICENCE;
  if (/has not been used in project|it is disabled/i.test(message)) {
    return { reason: 'config_error', problem: 'An API is not enabled in the Google Cloud project.' };
  }
  if (/reported as leaked/i.test(message)) {
    return {
      reason: 'config_error',
      problem: 'Google has locked the API key of the relay, for it was found in public.',
      fix: 'Make a new one in AI Studio and put it into GEMINI_API_KEY.',
      doorCause: 'invalid_key',
    };
  }
  return {
    reason: 'upstream_auth_error',
    problem: "Google denies the relay's own account this call.",
    fix: 'The owner of the relay has to see what it may do at Google: `npm run health`.',
    doorCause: 'permission',
  };
};

/** A cache, a file or a tuned model that the request names: no fault of the key, and nothing that closes it. */
const isAboutRequest = ({ message }: GoogleFailure, { reasons, metadata }: Findings): boolean =>
  reasons.every((reason) => reason === 'IAM_PERMISSION_DENIED') &&
  (metadata.permission?.startsWith('storage.') === true || ABOUT_REQUEST.test(message));

const ABOUT_REQUEST =
  /^CachedContent not found|permission to access the (?:file|tuned ?model)|accessing input file|cloud storage|storage\.objects|\bgs:\/\//i;

/** 400 and 404 that mean the project, not the model. */
const aboutProject = (status: number, { message }: GoogleFailure, findings: Findings): Trouble | undefined => {
  if (status === 404 && findings.resourceTypes.some((type) => /project/i.test(type))) {
    return { reason: 'config_error', problem: 'Google does not know the Google Cloud project.', fix: CHECK_PROJECT };
  }
  if (status === 400 && /api key not valid|api key expired/i.test(message)) {
    return { reason: 'config_error', problem: REFUSED_KEY, fix: 'Check GEMINI_API_KEY.', doorCause: 'invalid_key' };
  }
  return undefined;
};
