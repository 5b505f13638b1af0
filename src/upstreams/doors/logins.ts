/** What Google refused to one login says nothing about the next. */
import type { AccessTokens } from '../../credentials/access-token.ts';
import type { Cooldown } from '../cooldown/cooldown.ts';

type KindWithLogin = 'code-assist' | 'vertex';

export interface Logins {
  readonly tokens: Pick<AccessTokens, 'identity' | 'onChange'>;
  readonly cloudTokens: Pick<AccessTokens, 'identity' | 'onChange'>;
}

/** Returns how to end it. */
export const forgetWithLogin = (
  kinds: readonly KindWithLogin[],
  { tokens, cloudTokens }: Logins,
  cooldown: Pick<Cooldown, 'reset'>,
): (() => void) => {
  const logins = { 'code-assist': tokens, vertex: cloudTokens };
  const stops = kinds.map((kind) => {
    const login = logins[kind];
    let identity = login.identity();
    return login.onChange(() => {
      if (login.identity() === identity) return;
      identity = login.identity();
      cooldown.reset(kind);
    });
  });
  return () => {
    for (const stop of stops) stop();
  };
};
