import type { AccessTokens } from '../credentials/access-token.ts';
import type { StatusSource } from '../health.ts';

/** The state of the credentials, as a part of `/health`. */
export const tokenStatus =
  (tokens: AccessTokens): StatusSource =>
  () => {
    const { status, message, detail } = tokens.state();
    return {
      status,
      message: message === '' ? 'Ready.' : message,
      details: {
        credentials: { ...detail, ...(message !== '' && { message }) },
        credentials_persisted: detail.persisted,
      },
    };
  };
