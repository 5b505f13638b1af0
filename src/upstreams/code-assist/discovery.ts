/** Asks Code Assist which project and tier the account has, and sets the account up where that has never been done. */
import { failed } from '../../errors.ts';
import { badResponse } from '../../errors/answers.ts';
import type { System } from '../../system.ts';
import { readJson } from '../authorized.ts';
import type { AuthorizedReply } from '../authorized.ts';
import { replyToFailure } from '../google-error.ts';
import { sanitise } from '../sanitise.ts';
import type { CodeAssistApi } from './api.ts';
import { readLoadAnswer, readOperation } from './load-answer.ts';
import type { LoadAnswer, Operation } from './load-answer.ts';
import { FREE_TIER, accountIneligible, configError, projectNumber, readEligibility } from './eligibility.ts';
import type { Eligibility } from './eligibility.ts';

export interface FoundProject {
  readonly project: string;
  readonly tier: string | undefined;
}

export interface DiscoveryNeeds {
  readonly api: CodeAssistApi;
  readonly system: Pick<System, 'now' | 'sleep'>;
  readonly log: { info(message: string, fields?: Readonly<Record<string, unknown>>): void };
}

const POLL_MS = 5000;
const ANSWER_LIMIT_BYTES = 1024 * 1024;

/** `asked` goes to Google, `ownProject` stands in where Google names none. Ends only with the signal or an answer. */
export const discoverProject = async (
  { api, system, log }: DiscoveryNeeds,
  { asked, ownProject }: { readonly asked: string | undefined; readonly ownProject: string | undefined },
  signal: AbortSignal,
): Promise<FoundProject> => {
  if (isNumber(ownProject)) throw projectNumber();

  const load = async (): Promise<Eligibility> => {
    const body = { ...(asked !== undefined && { cloudaicompanionProject: asked }), metadata: metadata(asked) };
    const { reply } = await api.post('loadCodeAssist', JSON.stringify(body), signal);
    if (reply.status === 200) {
      return readEligibility(readLoadAnswer(await readJson(reply, ANSWER_LIMIT_BYTES, system.now())), ownProject);
    }
    const { error, reasons } = await replyToFailure(reply, system.now());
    if (reply.status === 403 && asked === CLOUD_SHELL)
      throw configError(CLOUD_SHELL_MESSAGE, 'Set GOOGLE_CLOUD_PROJECT to a project of your own.');
    if (reply.status !== 403 || !reasons.includes('SECURITY_POLICY_VIOLATED')) throw error;
    // The perimeter hides the account's eligibility; who works behind one has a licence and a project.
    if (ownProject === undefined) throw configError(PERIMETER_MESSAGE, 'Set GOOGLE_CLOUD_PROJECT to its project id.');
    return readEligibility(BEHIND_PERIMETER, ownProject);
  };

  const onboard = async ({
    tierId,
    project,
    orElse,
  }: Extract<Eligibility, { kind: 'onboard' }>): Promise<FoundProject> => {
    log.info('the account is being set up for Code Assist', { tier: tierId });
    const named = tierId === FREE_TIER ? undefined : project;
    const body = {
      tierId,
      ...(named !== undefined && { cloudaicompanionProject: named }),
      metadata: metadata(named),
    };
    let operation = await readReply(await api.post('onboardUser', JSON.stringify(body), signal));
    while (operation.done !== true && operation.name) {
      await system.sleep(POLL_MS, signal);
      operation = await readReply(await api.operation(operationPath(operation.name), signal));
    }
    if (operation.error)
      throw accountIneligible(`Google could not set the account up: ${said(operation.error.message)}`);
    const id = operation.response?.cloudaicompanionProject?.id ?? project;
    if (!id) throw orElse;
    return { project: id, tier: tierId };
  };

  const readReply = async ({ reply }: AuthorizedReply): Promise<Operation> =>
    readOperation(await readJson(reply, ANSWER_LIMIT_BYTES, system.now()));

  let eligibility = await load();
  if (eligibility.kind === 'silent') eligibility = await load();
  switch (eligibility.kind) {
    case 'project':
      return { project: eligibility.project, tier: eligibility.tier };
    case 'onboard':
      return onboard(eligibility);
    case 'refused':
      throw eligibility.error;
    case 'silent':
      // It has been asked twice.
      throw failed('upstream_empty_response', 'Code Assist said nothing about the account, twice.', {
        fix: 'Try again later.',
        tries: 1,
      });
  }
};

const CLOUD_SHELL = 'cloudshell-gca';
const CLOUD_SHELL_MESSAGE = 'The default Cloud Shell project cannot be used with Code Assist.';
const PERIMETER_MESSAGE = "Your organisation's security perimeter blocks the discovery of the project.";
const BEHIND_PERIMETER: LoadAnswer = { currentTier: { id: 'standard-tier' } };

const metadata = (project: string | undefined): Readonly<Record<string, string>> => ({
  ideType: 'IDE_UNSPECIFIED',
  platform: 'PLATFORM_UNSPECIFIED',
  pluginType: 'GEMINI',
  ...(project !== undefined && { duetProject: project }),
});

const isNumber = (project: string | undefined): boolean => project !== undefined && /^\d+$/.test(project);

/** A name of Google's becomes a path of ours. */
const operationPath = (name: string): string => {
  if (/^[\w-]+(?:\/[\w.-]+)*$/.test(name) && !name.includes('..')) return name;
  throw badResponse('Code Assist named an operation that the relay cannot ask for.');
};

const said = (message: string | null | undefined): string => sanitise(message ?? '') || 'it gave no reason.';
