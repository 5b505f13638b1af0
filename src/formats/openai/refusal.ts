import { RelayError } from '../../errors.ts';

/** Why a request's own content is refused; becomes `error.code` in the answer. */
export type Reason =
  | 'missing_required_parameter'
  | 'invalid_type'
  | 'invalid_value'
  | 'unsupported_value'
  | 'unsupported_parameter'
  | 'empty_array'
  | 'invalid_base64_image'
  | 'invalid_image_url'
  | 'previous_response_not_found';

/** A 400 that names the field at fault. */
export const refusal = (reason: Reason, param: string, message: string): RelayError =>
  new RelayError('INVALID_ARGUMENT', message, { reason, param });
