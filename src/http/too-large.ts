import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';

/** Larger than MAX_BODY_BYTES. */
export const tooLarge = (limit: number): RelayError =>
  failed(
    'request_too_large',
    `The request body is larger than the ${limit} bytes that this relay accepts (MAX_BODY_BYTES).`,
    { fix: 'Send less, or raise the limit.' },
  );

/** Larger than its route takes, whatever MAX_BODY_BYTES says. */
export const tooLargeHere = (limit: number): RelayError =>
  failed('request_too_large', `The request body is larger than the ${limit} bytes that are taken here.`, {
    fix: 'Send less.',
  });
