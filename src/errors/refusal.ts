import { RelayError } from '../errors.ts';
import type { Reason } from '../reasons.ts';

/** A 400 that names the field at fault. */
export const refusal = (reason: Reason, param: string, message: string): RelayError =>
  new RelayError('INVALID_ARGUMENT', message, { reason, param });

/** Something that every request needs. `more`: what it is, where its name does not say it. */
export const missing = (param: string, more = ''): RelayError =>
  refusal('missing_required_parameter', param, `Missing required parameter: '${param}'${more}.`);
