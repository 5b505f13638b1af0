import type { Account } from './account.ts';
import { requireBearer } from './bearer.ts';
import type { Ask, Operation, Route, Router } from './exchange.ts';
import { checkRoles } from './check-contents.ts';
import { formOf, generate } from './generate.ts';
import { errorInfo, GoogleError, invalidArgument, notFound, permissionDenied } from './google-error.ts';
import { loadAnswer, projectsOf } from './code-assist-standing.ts';
import { findModel } from './models.ts';
import { readMessage } from './read-message.ts';
import { jsonReply, type Reply } from './reply.ts';
import { tokensOfRequest } from './token-count.ts';
import type { Tokens } from './tokens.ts';
import { fieldsListOf, fieldsOf, stringOf, type Fields } from './values.ts';
import { VOCABULARIES } from './vocabulary.ts';

const SERVICE = 'cloudcode-pa.googleapis.com';
const DOOR = 'code-assist';

export interface CodeAssistNeeds {
  readonly account: Account;
  readonly tokens: Tokens;
  readonly now: () => number;
}

const read = (type: string, ask: Ask): Fields => readMessage(VOCABULARIES[DOOR], type, ask.text);

const wrap = (text: string, id: string): string => `{"response":${text},"traceId":"${id}"}`;

const modelNotFound = (): GoogleError => notFound('Requested entity was not found.');

const requireProject = (account: Account, project: string): void => {
  if (projectsOf(account).includes(project)) return;
  throw permissionDenied(`Permission denied on resource project ${project}.`, [
    errorInfo('CONSUMER_INVALID', 'googleapis.com', {
      consumer: `projects/${project}`,
      service: 'cloudaicompanion.googleapis.com',
    }),
  ]);
};

const generateContent = ({ account }: CodeAssistNeeds, ask: Ask, isStream: boolean): Reply => {
  const envelope = read('GenerateContentRequest', ask);
  requireProject(account, stringOf(envelope.project));
  const model = findModel(DOOR, stringOf(envelope.model), account);
  if (!model) throw modelNotFound();
  const request = fieldsOf(envelope.request);
  if (request.cachedContent !== undefined) throw notFound('Not found: cached content metadata.');
  return generate({ door: DOOR, model, request }, formOf(ask, isStream), wrap);
};

const countTokens = ({ account }: CodeAssistNeeds, ask: Ask): Reply => {
  const request = fieldsOf(read('CountTokensRequest', ask).request);
  const name = stringOf(request.model);
  if (!name.startsWith('models/') || !findModel(DOOR, name.slice('models/'.length), account)) throw modelNotFound();
  const contents = fieldsListOf(request.contents);
  if (contents.length === 0) throw invalidArgument('contents is not specified');
  if (contents.some((content) => fieldsListOf(content.parts).some((part) => part.thought === true))) {
    throw invalidArgument('Request contains an invalid argument.');
  }
  checkRoles(DOOR, contents);
  return jsonReply({ totalTokens: tokensOfRequest(request) });
};

/** How much of a day is left of each model. */
const LEFT = { 'gemini-2.5-pro': 0.41, 'gemini-2.5-flash': 0.98, 'gemini-3-pro-preview': 0.07, 'gemini-3-flash': 0.77 };
const DAILY = 1500;
const DAY_MS = 86_400_000;

const retrieveUserQuota = ({ account, now }: CodeAssistNeeds, ask: Ask): Reply => {
  requireProject(account, stringOf(read('RetrieveUserQuotaRequest', ask).project));
  const resetTime = new Date((Math.floor(now() / DAY_MS) + 1) * DAY_MS).toISOString();
  const buckets = Object.entries(LEFT).map(([modelId, remainingFraction]) => ({
    modelId,
    tokenType: 'REQUESTS',
    remainingFraction,
    remainingAmount: String(Math.round(DAILY * remainingFraction)),
    resetTime,
  }));
  return jsonReply({ buckets });
};

/** Operations run from `onboardUser`, each with the number of polls that it is still unfinished for. */
const onboarding = ({ account }: CodeAssistNeeds) => {
  const unfinished = new Map<string, { polls: number; project: string | undefined }>();

  const state = (name: string): Reply => {
    const operation = unfinished.get(name);
    if (!operation) throw notFound('Requested entity was not found.');
    if (operation.polls > 0) {
      operation.polls -= 1;
      return jsonReply({ name });
    }
    unfinished.delete(name);
    if (account.onboardingError) return jsonReply({ name, done: true, error: account.onboardingError });
    const isFree = account.standing === 'free-onboarding';
    account.standing = isFree ? 'free' : 'standard-own-project';
    const id = isFree ? account.project : operation.project;
    const type = 'type.googleapis.com/google.internal.cloud.code.v1internal.OnboardUserResponse';
    const cloudaicompanionProject = id === undefined ? {} : { cloudaicompanionProject: { id, name: id } };
    return jsonReply({ name, done: true, response: { '@type': type, ...cloudaicompanionProject } });
  };

  let number = 0;
  return {
    begin: (ask: Ask): Reply => {
      const request = read('OnboardUserRequest', ask);
      const tier = stringOf(request.tierId);
      const project = stringOf(request.cloudaicompanionProject) || undefined;
      if (tier === '') throw invalidArgument('tier_id is required.');
      const names = project ?? fieldsOf(request.metadata).duetProject;
      if (tier === 'free-tier' && names !== undefined) {
        throw new GoogleError({ code: 400, status: 'FAILED_PRECONDITION', message: 'Precondition check failed.' });
      }
      if (tier !== 'free-tier' && project !== undefined && !account.ownProjects.includes(project)) {
        throw permissionDenied(`Permission denied on resource project ${project}.`);
      }
      number += 1;
      const name = `operations/simulated-onboarding-${number}`;
      unfinished.set(name, { polls: account.onboardingPolls, project });
      return state(name);
    },
    state,
  };
};

/** The service behind Gemini CLI's login. */
export const codeAssistRoutes = (needs: CodeAssistNeeds): Router => {
  const onboard = onboarding(needs);
  const methods: Readonly<Record<string, readonly [Operation, (ask: Ask) => Reply]>> = {
    loadCodeAssist: [
      'loadCodeAssist',
      (ask) => jsonReply(loadAnswer(needs.account, read('LoadCodeAssistRequest', ask))),
    ],
    onboardUser: ['onboardUser', (ask) => onboard.begin(ask)],
    retrieveUserQuota: ['retrieveUserQuota', (ask) => retrieveUserQuota(needs, ask)],
    generateContent: ['generateContent', (ask) => generateContent(needs, ask, false)],
    streamGenerateContent: ['streamGenerateContent', (ask) => generateContent(needs, ask, true)],
    countTokens: ['countTokens', (ask) => countTokens(needs, ask)],
  };

  const guarded = (operation: Operation, reply: (ask: Ask) => Reply): Route => ({
    operation,
    door: DOOR,
    reply: (ask) => {
      requireBearer(ask, needs.tokens, SERVICE);
      return reply(ask);
    },
  });

  return (method, path) => {
    const [, name] = /^\/v1internal:(\w+)$/.exec(path) ?? [];
    const known = name !== undefined && Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (method === 'POST' && known) return guarded(...known);
    const [, operation] = /^\/v1internal\/(operations\/.+)$/.exec(path) ?? [];
    if (method === 'GET' && operation !== undefined) return guarded('pollOperation', () => onboard.state(operation));
    return undefined;
  };
};
