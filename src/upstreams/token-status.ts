import type { AccessTokens } from '../credentials/access-token.ts';
import { inFull } from '../errors.ts';
import type { StatusSource } from '../health.ts';

/** The state of the credentials, as a part of `/health`. */
export const tokenStatus =
  (tokens: AccessTokens): StatusSource =>
  () => {
    const { status, message, fix, detail } = tokens.state();
    return {
      status,
      message: message ?? 'Ready.',
      fix,
      details: {
        credentials: { ...detail, ...(message !== undefined && { message: inFull(message, fix) }) },
        credentials_persisted: detail.persisted,
      },
    };
  };
