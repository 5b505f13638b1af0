/** Which way to Gemini is taken, and why: the rule of UPSTREAM. */

export type DoorName = 'code-assist' | 'gemini-api' | 'vertex' | 'none';

export interface Situation {
  readonly kind: 'auto' | 'code-assist' | 'gemini-api' | 'vertex';
  /** What the credentials of variable or file are. Unusable ones count: falling back in silence would hide them. */
  readonly credentials: 'oauth' | 'adc' | 'missing' | 'invalid';
  /** Application Default Credentials in the credentials file or outside of it. */
  readonly hasAdc: boolean;
  readonly hasApiKey: boolean;
  readonly hasProject: boolean;
}

export interface Decision {
  readonly name: DoorName;
  /** One sentence. */
  readonly why: string;
}

export const decideDoor = ({ kind, credentials, hasAdc, hasApiKey, hasProject }: Situation): Decision => {
  if (kind !== 'auto') return { name: kind, why: `UPSTREAM is set to ${kind}.` };
  if (credentials === 'oauth') return { name: 'code-assist', why: 'There are OAuth credentials.' };
  if (credentials === 'invalid') {
    return { name: 'code-assist', why: 'There are credentials, though they cannot be read.' };
  }
  if (hasApiKey) return { name: 'gemini-api', why: 'There are no OAuth credentials, and GEMINI_API_KEY is set.' };
  if ((hasAdc || credentials === 'adc') && hasProject) {
    return {
      name: 'vertex',
      why: 'There are Application Default Credentials, and GOOGLE_CLOUD_PROJECT is set.',
    };
  }
  if (credentials === 'adc') {
    return { name: 'none', why: 'There are Application Default Credentials, but GOOGLE_CLOUD_PROJECT is not set.' };
  }
  return { name: 'none', why: 'There are no credentials and no API key.' };
};
