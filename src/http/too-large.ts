import { RelayError } from '../errors.ts';

export const tooLarge = (limit: number): RelayError =>
  new RelayError(
    'INVALID_ARGUMENT',
    `The request body is larger than the ${limit} bytes that this relay accepts (MAX_BODY_BYTES).`,
    { fix: 'Send less, or raise the limit.', status: 413, reason: 'request_too_large' },
  );
