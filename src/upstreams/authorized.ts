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
export const authorized = (
  tokens: BearerTokens,
  signal: AbortSignal,
  now: () => number,
  send: (token: AccessToken) => Promise<Reply>,
): Promise<AuthorizedReply> => {
  const attempt = (on401: (refused: AuthorizedReply) => Promise<AuthorizedReply>): Promise<AuthorizedReply> => {
    const sendWith = (token: AccessToken): Promise<AuthorizedReply> =>
      send(token).then((reply) => {
        const refuseToken = (): void => {
          tokens.discard(token.token);
        };
        return reply.status === 401 ? on401({ reply, refuseToken }) : { reply, refuseToken };
      });
    const token = tokens.known();
    return token ? sendWith(token) : tokens.get(signal).then(sendWith);
  };
  return attempt((refused) => {
    refused.reply.discard();
    refused.refuseToken();
    return attempt(async ({ reply }) => {
      throw await replyToError(reply, now());
    });
  });
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
