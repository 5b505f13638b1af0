import type { Fields } from './values.ts';

/** What Code Assist's discovery says about the account; `code-assist.ts` has the answers. */
export type Standing =
  /** A standard tier with a project of Google's choice. */
  | 'standard'
  /** A standard tier; the user has to name a project (`ownProjects`). */
  | 'standard-own-project'
  /** A free tier, already set up. */
  | 'free'
  /** No tier yet; the free one is on offer, and sets up its own project. */
  | 'free-onboarding'
  /** No tier yet; the standard one is on offer, with a project of the user's. */
  | 'standard-onboarding'
  /** No tier, and none on offer as the default. */
  | 'legacy'
  /** Google wants the account verified first. */
  | 'validation-required'
  /** A personal account, no longer served to this kind of client. */
  | 'unsupported-client'
  /** Refused for the reason in `ineligible`. */
  | 'ineligible'
  /** A tier, but neither a project nor a licence. */
  | 'no-licence'
  /** The organisation's security perimeter blocks discovery. */
  | 'vpc-sc'
  /** Discovery answers `{}`. */
  | 'empty';

/** The account that plays the owner. Tests change it in place. */
export interface Account {
  email: string;
  standing: Standing;
  /** The project that Google chose for the account. */
  project: string;
  /** Further projects in which the account may generate. */
  ownProjects: string[];
  ineligible: Fields;
  /** How often an onboarding operation is unfinished before it is done. */
  onboardingPolls: number;
  /** Ends the onboarding operation with this `google.rpc.Status`. */
  onboardingError: Fields | undefined;
  /** Seconds for which new access tokens are good. */
  tokenLifetime: number;
  /** What the token endpoint says in `expires_in` instead of the truth; `null` leaves it out. */
  expiresIn: unknown;
  rotateRefreshTokens: boolean;
  /** How the owner decides on the consent page. */
  consent: { deny: boolean; withoutScopes: string[]; wrongState: boolean };
  /** The owner has granted a refresh token before, so without `prompt=consent` there is no new one. */
  consentedBefore: boolean;
  /** May call `aiplatform.endpoints.predict`. */
  vertexPermission: boolean;
  /** Models served to this account beyond the known ones, by their exact ids. */
  extraModels: string[];
}

export const newAccount = (): Account => ({
  email: 'owner@example.com',
  standing: 'standard',
  project: 'simulated-project',
  ownProjects: ['own-project'],
  ineligible: {
    reasonCode: 'DASHER_USER',
    reasonMessage: 'Your current account is not eligible for Gemini Code Assist for individuals.',
    tierId: 'free-tier',
    tierName: 'Gemini Code Assist for individuals',
  },
  onboardingPolls: 2,
  onboardingError: undefined,
  tokenLifetime: 3599,
  expiresIn: undefined,
  rotateRefreshTokens: false,
  consent: { deny: false, withoutScopes: [], wrongState: false },
  consentedBefore: false,
  vertexPermission: true,
  extraModels: [],
});
