import { RelayError, failed } from '../errors.ts';
import { troubleOf } from './causes.ts';

/** There is no model in addresses of what is kept that could be missing, or the client wrote it itself. */
export const aboutWhatIsKept = (error: RelayError): RelayError =>
  error.reason === 'model_not_found' ? failed('resource_not_found', error.message, { details: error.details }) : error;

/** Google says of a file that is no more that it may be somebody else's. */
export const isHidden = (error: unknown): boolean =>
  error instanceof RelayError &&
  error.code === 'PERMISSION_DENIED' &&
  error.reason === undefined &&
  troubleOf(error) === undefined;
