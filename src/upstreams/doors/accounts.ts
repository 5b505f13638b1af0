/** What the key or login behind a door is told apart by. Names nobody, and lasts over restarts. */
import { hash } from 'node:crypto';
import type { AccessTokens } from '../../credentials/access-token.ts';
import type { DoorName } from '../decision.ts';

/** Whatever the key is called. */
export const accountOfKey = (key: string): string => `gemini-api ${hash('sha256', key).slice(0, MARK_LENGTH)}`;

const MARK_LENGTH = 10;

/** Of the doors that are not one of many keys. */
export const createAccounts = (
  { geminiApiKey }: { readonly geminiApiKey: string | undefined },
  { tokens, cloudTokens }: Readonly<Record<'tokens' | 'cloudTokens', Pick<AccessTokens, 'identity'>>>,
): ((name: DoorName) => string) => {
  const ofKey = geminiApiKey === undefined ? 'gemini-api ' : accountOfKey(geminiApiKey);
  return (name) => {
    switch (name) {
      case 'gemini-api':
        return ofKey;
      case 'code-assist':
        return `${name} ${tokens.identity() ?? ''}`;
      case 'vertex':
        return `${name} ${cloudTokens.identity() ?? ''}`;
      case 'none':
        return name;
    }
  };
};
