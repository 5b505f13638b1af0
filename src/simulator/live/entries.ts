/** Who may open a session of the Live API: with a key at the Gemini API, with a token at Vertex AI. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Account } from '../account.ts';
import { requireApiKey } from '../api-keys.ts';
import type { ApiKeys, Project } from '../api-keys.ts';
import { requireBearer } from '../bearer.ts';
import { invalidArgument, notFound, permissionDenied } from '../google-error.ts';
import { findModel } from '../models.ts';
import type { Tokens } from '../tokens.ts';
import { modelAt, requirePermission, SERVICE } from '../vertex-place.ts';
import type { Entry } from './session.ts';

export interface EntryNeeds {
  readonly account: Account;
  readonly apiKeys: ApiKeys;
  readonly tokens: Tokens;
  /** Of whoever has a token. */
  readonly cloudProject: Project;
}

export const keyEntry = (
  headers: IncomingHttpHeaders,
  { account, apiKeys }: Omit<EntryNeeds, 'tokens' | 'cloudProject'>,
): Entry => {
  // The header is the only way in: a key in the address ends up in logs.
  const key = headers['x-goog-api-key'];
  if (typeof key !== 'string') {
    throw permissionDenied("Method doesn't allow unregistered callers. Please use API Key.");
  }
  return {
    door: 'gemini-api',
    project: requireApiKey(apiKeys, key).project,
    modelOf: (name) => {
      const id = name.replace(/^models\//, '');
      const model = name.startsWith('models/') ? findModel('gemini-api', id, account) : undefined;
      if (model?.kind === 'live') return model;
      throw notFound(
        `models/${id} is not found for API version v1beta, or is not supported for bidiGenerateContent. Call ListModels to see the list of available models and their supported methods.`,
      );
    },
  };
};

const MODEL = /^projects\/([^/]+)\/locations\/([^/]+)\/publishers\/google\/models\/([^/]+)$/;

export const cloudEntry = (headers: IncomingHttpHeaders, { account, tokens, cloudProject }: EntryNeeds): Entry => {
  requireBearer({ headers }, tokens, SERVICE);
  return {
    door: 'vertex',
    project: cloudProject,
    modelOf: (name) => {
      const [, project, location, id] = MODEL.exec(name) ?? [];
      if (project === undefined || location === undefined || id === undefined) {
        throw invalidArgument(`Invalid resource name: ${name}`);
      }
      const place = { project, location, id };
      requirePermission(account, place);
      const model = modelAt(account, place);
      if (model.kind !== 'live') throw notFound(`${id} is not supported for bidiGenerateContent.`);
      return model;
    },
  };
};
