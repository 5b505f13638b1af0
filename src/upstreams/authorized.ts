import { badResponse } from '../errors/answers.ts';
import type { AccessToken, AccessTokens } from '../credentials/access-token.ts';
import { refuseHeavy } from '../gemini/answer-bounds.ts';
import { replyToError } from './google-error.ts';
import type { Reply } from './transport.ts';

export type BearerTokens = Pick<AccessTokens, 'known' | 'get' | 'discard'>;

export interface AuthorizedReply {
  readonly reply: Reply;
  /** For a 401 that comes later, inside of the answer. */
  readonly refuseToken: () => void;
}

/**
 * R11: a call with the relay's token. What comes back is never a 401: on the first the token is renewed and the call made
 * once more, the second is thrown as trouble of the relay's own.
 */
export const authorized = async (
  tokens: BearerTokens,
  signal: AbortSignal,
  now: () => number,
  send: (token: AccessToken) => Promise<Reply>,
): Promise<AuthorizedReply> => {
  for (let tries = 1; ; tries += 1) {
    const token = tokens.known() ?? (await tokens.get(signal));
    const reply = await send(token);
    const refuseToken = (): void => {
      tokens.discard(token.token);
    };
    if (reply.status !== 401) return { reply, refuseToken };
    if (tries > 1) throw await replyToError(reply, now());
    reply.discard();
    refuseToken();
  }
};

/** The body of a success as JSON; anything else throws. */
export const readJson = async (reply: Reply, limitBytes: number, now: number): Promise<unknown> => {
  if (reply.status !== 200) throw await replyToError(reply, now);
  const text = await reply.text(limitBytes);
  refuseHeavy(text);
  try {
    return JSON.parse(text);
  } catch {
    throw badResponse('Google sent an answer that is not JSON.');
  }
};
