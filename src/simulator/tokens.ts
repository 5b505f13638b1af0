import { createHash, randomBytes } from 'node:crypto';

export interface AccessToken {
  readonly token: string;
  readonly scope: string;
  readonly expiresAt: number;
}

export interface RefreshToken {
  readonly clientId: string;
  readonly scope: string;
}

export interface AuthorizationCode {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly challenge: string | undefined;
  readonly challengeMethod: string;
  readonly withRefreshToken: boolean;
}

const unguessable = (prefix: string): string => `${prefix}${randomBytes(24).toString('base64url')}`;

/** Every token and code that this simulator has handed out, and what each is good for. */
export const createTokens = (now: () => number) => {
  const access = new Map<string, AccessToken>();
  const refresh = new Map<string, RefreshToken>();
  const codes = new Map<string, AuthorizationCode>();
  let kept: {
    readonly access: readonly AccessToken[];
    readonly refresh: readonly (readonly [string, RefreshToken])[];
  } = {
    access: [],
    refresh: [],
  };
  return {
    /** Remembers what is good now, for `restore`. */
    keep: () => {
      kept = { access: [...access.values()], refresh: [...refresh] };
    },
    /** What was kept is good again. */
    restore: () => {
      for (const issued of kept.access) access.set(issued.token, issued);
      for (const [token, issued] of kept.refresh) refresh.set(token, issued);
    },
    issueAccess: (scope: string, lifetime: number): AccessToken => {
      const issued = { token: unguessable('ya29.simulated-'), scope, expiresAt: now() + lifetime * 1000 };
      access.set(issued.token, issued);
      return issued;
    },
    issueRefresh: (clientId: string, scope: string): string => {
      const token = unguessable('1//0simulated-');
      refresh.set(token, { clientId, scope });
      return token;
    },
    issueCode: (code: AuthorizationCode): string => {
      const issued = unguessable('4/0Simulated-');
      codes.set(issued, code);
      return issued;
    },
    access: (token: string): AccessToken | undefined => access.get(token),
    isLive: (token: AccessToken): boolean => token.expiresAt > now(),
    refresh: (token: string): RefreshToken | undefined => refresh.get(token),
    /** A code is good once. */
    redeem: (code: string): AuthorizationCode | undefined => {
      const found = codes.get(code);
      codes.delete(code);
      return found;
    },
    revoke: (token: string): boolean => [refresh.delete(token), access.delete(token)].some(Boolean),
    /** Every access token given out so far has run out. */
    expireAll: () => {
      for (const [token, issued] of access) access.set(token, { ...issued, expiresAt: 0 });
    },
    /** The owner has withdrawn all access. */
    revokeAll: () => {
      access.clear();
      refresh.clear();
    },
  };
};

export type Tokens = ReturnType<typeof createTokens>;

export const challengeOf = (verifier: string, method: string): string =>
  method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier;
