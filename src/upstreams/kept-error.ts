import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';

/** There is no model in addresses of what is kept that could be missing, or the client wrote it itself. */
export const aboutWhatIsKept = (error: RelayError): RelayError =>
  error.reason === 'model_not_found' ? failed('resource_not_found', error.message, { details: error.details }) : error;
