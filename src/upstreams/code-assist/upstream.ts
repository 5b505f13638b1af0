/** Models behind Code Assist, reached with the owner's login. */
import type { AccessTokens } from '../../credentials/access-token.ts';
import type { RelayError } from '../../errors.ts';
import type { StatusSource } from '../../health.ts';
import { combineStatus } from '../../health.ts';
import type { Upstream } from '../../gemini/call.ts';
import { rowOf } from '../../gemini/call-row.ts';
import type { Catalogue } from '../../gemini/catalogue.ts';
import type { Logger } from '../../log.ts';
import type { System } from '../../system.ts';
import { createAnswerReader } from '../answer.ts';
import { readJson } from '../authorized.ts';
import { replyToError } from '../google-error.ts';
import { tokenStatus } from '../token-status.ts';
import type { Reply, Transport } from '../transport.ts';
import { createCodeAssistApi } from './api.ts';
import { countBody, readCount } from './count-tokens.ts';
import { discoverProject } from './discovery.ts';
import { unwrap, wrap } from './envelope.ts';
import { missingModel, servedElsewhere } from './missing-model.ts';
import { readQuota } from './quota.ts';
import type { ModelQuota } from './quota.ts';
import { createProjectFinder } from './project.ts';

export interface CodeAssistSettings {
  readonly endpoint: string;
  /** GOOGLE_CLOUD_PROJECT: used where Code Assist names no project. */
  readonly project: string | undefined;
}

export interface CodeAssistNeeds {
  readonly transport: Transport;
  readonly tokens: AccessTokens;
  readonly catalogue: Pick<Catalogue, 'resolve'>;
  readonly system: System;
  readonly log: Logger;
}

export interface CodeAssist {
  readonly upstream: Upstream;
  readonly status: StatusSource;
  /** Token and project are at hand: then the status is `healthy`. */
  readonly isReady: () => boolean;
  /** Learns the project before the first request needs it; throws what a request would meet. */
  readonly prepare: (signal: AbortSignal) => Promise<void>;
  readonly quota: (signal: AbortSignal) => Promise<readonly ModelQuota[]>;
}

const COUNT_LIMIT_BYTES = 1024 * 1024;

export const createCodeAssist = (settings: CodeAssistSettings, needs: CodeAssistNeeds): CodeAssist => {
  const { transport, tokens, catalogue, system, log } = needs;
  const now = (): number => system.now();
  const readAnswer = createAnswerReader({ unwrap, now });
  const api = createCodeAssistApi({ endpoint: settings.endpoint, transport, tokens, system });
  const projects = createProjectFinder({
    discover: (signal) =>
      discoverProject(
        { api, system, log },
        { asked: settings.project, ownProject: settings.project ?? tokens.projectId() },
        signal,
      ),
    identity: tokens.identity,
    system,
    log,
  });

  const refusalIn = async (reply: Reply): Promise<RelayError> => {
    const error = await replyToError(reply, system.now());
    if (DOUBTFUL.has(error.reason ?? '')) projects.doubt();
    return error;
  };

  const upstream: Upstream = {
    generate: async (call, signal) => {
      const project = projects.known() ?? (await projects.find(signal));
      const method = call.stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
      const written = wrap(call, project);
      const body = written instanceof Promise ? await written : written;
      const { reply, refuseToken } = await api.post(method, body, signal);
      if (reply.status !== 200) throw missingModel(await refusalIn(reply), rowOf(call, catalogue));
      return readAnswer(reply, call.native, refuseToken);
    },
    countTokens: async (call, signal) => {
      const { reply } = await api.post('countTokens', await countBody(call), signal);
      if (reply.status !== 200) throw missingModel(await refusalIn(reply), rowOf(call, catalogue));
      return readCount(await readJson(reply, COUNT_LIMIT_BYTES, system.now()), call.request);
    },
    embed: (call) => Promise.reject(servedElsewhere({ ...rowOf(call, catalogue), kind: 'embed' })),
    models: () => Promise.resolve([]),
  };

  return {
    upstream,
    status: () => combineStatus([tokenStatus(tokens), () => projects.status()]),
    isReady: () => tokens.known() !== undefined && projects.known() !== undefined,
    prepare: async (signal) => {
      await projects.find(signal);
    },
    quota: async (signal) => {
      const project = projects.known() ?? (await projects.find(signal));
      const { reply } = await api.post('retrieveUserQuota', JSON.stringify({ project }), signal);
      return readQuota(await readJson(reply, COUNT_LIMIT_BYTES, system.now()));
    },
  };
};

const DOUBTFUL: ReadonlySet<string> = new Set(['account_ineligible', 'config_error', 'upstream_auth_error']);
