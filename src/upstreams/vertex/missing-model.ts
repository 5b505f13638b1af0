import { RelayError } from '../../errors.ts';

/** A 404 of Vertex is most often a model that is served elsewhere: the advice is worth more than Google's sentence. */
export const missingModel = (error: RelayError, model: string, location: string): RelayError =>
  error.code === 'NOT_FOUND'
    ? new RelayError(
        'NOT_FOUND',
        `Vertex AI has no model ${model} in the location ${location}, or the project may not use it.`,
        {
          fix:
            location === 'global'
              ? 'Check the name of the model.'
              : 'Many models are served in the location global only: try GOOGLE_CLOUD_LOCATION=global.',
          reason: 'model_not_found',
          details: error.details,
          cause: error,
        },
      )
    : error;
