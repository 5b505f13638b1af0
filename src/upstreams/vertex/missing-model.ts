import { failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';

/** A 404 of Vertex is most often a model that is served elsewhere: the advice is worth more than Google's sentence. */
export const missingModel = (error: RelayError, model: string, location: string): RelayError =>
  error.code === 'NOT_FOUND'
    ? failed(
        'model_not_found',
        `Vertex AI has no model ${model} in the location ${location}, or the project may not use it.`,
        {
          fix:
            location === 'global'
              ? 'Check the name of the model.'
              : 'Many models are served in the location global only: try GOOGLE_CLOUD_LOCATION=global.',
          details: error.details,
          cause: error,
        },
      )
    : error;
