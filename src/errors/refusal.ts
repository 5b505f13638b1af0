import { RelayError } from '../errors.ts';
import type { Reason } from '../reasons.ts';

/** A 400 that names the field at fault. */
export const refusal = (reason: Reason, param: string, message: string): RelayError =>
  new RelayError('INVALID_ARGUMENT', message, { reason, param });
