/** Where a project's things are at Vertex AI. */
import type { AccessToken } from '../../credentials/access-token.ts';
import { withoutSlash } from '../model-path.ts';

export interface VertexSettings {
  readonly project: string;
  readonly location: string;
  /** Stands in for the host that the location has. */
  readonly endpoint: string | undefined;
}

export interface VertexPlace {
  /** Without its version. */
  readonly host: string;
  /** With it. */
  readonly base: string;
  /** `projects/p/locations/l`, before the names of all that is kept there. */
  readonly name: string;
}

export const placeOf = ({ project, location, endpoint }: VertexSettings): VertexPlace => {
  const host = withoutSlash(endpoint ?? hostOf(location)).replace(/\/v1(?:beta1)?$/, '');
  return {
    host,
    base: `${host}/v1`,
    name: `projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`,
  };
};

export const MODELS = 'publishers/google/models';

export const headersOf = ({ token, quotaProjectId }: AccessToken): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${token}`,
  ...(quotaProjectId !== undefined && { 'x-goog-user-project': quotaProjectId }),
});

/** `us` and `eu` are multi-regions with hosts of their own. */
export const hostOf = (location: string): string => {
  switch (location) {
    case 'global':
      return 'https://aiplatform.googleapis.com';
    case 'us':
    case 'eu':
      return `https://aiplatform.${location}.rep.googleapis.com`;
    default:
      return `https://${location}-aiplatform.googleapis.com`;
  }
};
