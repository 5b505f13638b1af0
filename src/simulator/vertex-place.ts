/** A place in Vertex AI, who may ask there, and which models it has. */
import type { Account } from './account.ts';
import { errorInfo, invalidArgument, notFound, permissionDenied } from './google-error.ts';
import { findModel } from './models.ts';
import type { Model } from './models.ts';

export const SERVICE = 'aiplatform.googleapis.com';

export interface Place {
  readonly project: string;
  readonly location: string;
  readonly id: string;
}

export const resourceOf = ({ project, location, id }: Place): string =>
  `projects/${project}/locations/${location}/publishers/google/models/${id}`;

const LOCATIONS = ['global', 'us', 'eu', 'us-central1', 'us-east1', 'europe-west1', 'europe-west4', 'asia-northeast1'];

export const requirePermission = (account: Account, place: Place): void => {
  const isOurs = [account.project, ...account.ownProjects].includes(place.project);
  if (isOurs && account.vertexPermission) return;
  const permission = 'aiplatform.endpoints.predict';
  const resource = `//aiplatform.googleapis.com/${resourceOf(place)}`;
  throw permissionDenied(`Permission '${permission}' denied on resource '${resource}' (or it may not exist).`, [
    errorInfo('IAM_PERMISSION_DENIED', SERVICE, { permission, resource: resourceOf(place) }),
  ]);
};

export const modelAt = (account: Account, place: Place): Model => {
  const model = findModel('vertex', place.id, account);
  if (!LOCATIONS.includes(place.location)) throw invalidArgument(`Unsupported region for Vertex AI: ${place.location}`);
  if (model && (place.location === 'global' || !model.globalOnly)) return model;
  throw notFound(
    `Publisher Model \`${resourceOf(place)}\` was not found or your project does not have access to it. ` +
      'Please ensure you are using a valid model version. For more information, see: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions',
  );
};
