import type { AccessTokens } from '../credentials/access-token.ts';
import { inFull } from '../errors.ts';
import type { StatusSource } from '../health.ts';

/** The state of the credentials, as a part of `/health`. */
export const tokenStatus =
  (tokens: AccessTokens): StatusSource =>
  () => {
    const { status, message, fix, detail } = tokens.state();
    const { expiresAt, ...credentials } = detail;
    return {
      status,
      message: message ?? 'Ready.',
      fix,
      details: {
        credentials: {
          ...credentials,
          ...(expiresAt !== undefined && { expires_at: new Date(expiresAt).toISOString() }),
          ...(message !== undefined && { message: inFull(message, fix) }),
        },
        credentials_persisted: detail.persisted,
      },
    };
  };
