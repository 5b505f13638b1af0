/** The project that calls are made in: asked for once for everybody, remembered for hours, asked for again when in doubt. */
import { abortable } from '../../credentials/token-keeper.ts';
import { changed, failed, toRelayError } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import type { Status } from '../../health.ts';
import type { Logger } from '../../log.ts';
import { troubleWith } from '../../reasons.ts';
import type { System } from '../../system.ts';
import { forEverybody } from '../sanitise.ts';
import type { FoundProject } from './discovery.ts';

export interface ProjectFinder {
  /** Without waiting, where it need not be asked for. */
  known(): string | undefined;
  find(signal: AbortSignal): Promise<string>;
  /** Google has refused a call for the project's or the account's sake. */
  doubt(): void;
  status(): Status;
}

export interface ProjectFinderNeeds {
  readonly discover: (signal: AbortSignal) => Promise<FoundProject>;
  /** Changes when the login does. */
  readonly identity: () => string | undefined;
  readonly system: System;
  readonly log: Logger;
}

const KEEP_MS = 4 * 3_600_000;
/** A refusal is told again without asking again, for this long. */
const KEEP_REFUSAL_MS = 60_000;
/** Doubts about an answer as young as this are not worth another question. */
const FRESH_MS = 60_000;
const LIMIT_MS = 120_000;

export const createProjectFinder = ({ discover, identity, system, log }: ProjectFinderNeeds): ProjectFinder => {
  let found: (FoundProject & { readonly identity: string; readonly at: number; readonly doubted: boolean }) | undefined;
  let refusal: { readonly error: RelayError; readonly identity: string; readonly at: number } | undefined;
  /** Why there was no answer; the next question may fare better. */
  let failure: { readonly error: RelayError; readonly identity: string } | undefined;
  let flight: { readonly identity: string; readonly project: Promise<string> } | undefined;

  const fly = (who: string): Promise<string> => {
    const project = ask(who).finally(() => {
      if (flight?.project === project) flight = undefined;
    });
    // Everyone who waits may have left before it fails.
    project.catch(() => undefined);
    flight = { identity: who, project };
    return project;
  };

  const ask = async (who: string): Promise<string> => {
    const limit = new AbortController();
    const ended = new AbortController();
    system.sleep(LIMIT_MS, ended.signal).then(
      () => {
        limit.abort(tooSlow());
      },
      () => undefined,
    );
    try {
      const answer = await discover(limit.signal);
      if (found?.identity !== who) log.info('Code Assist has named the project', { tier: answer.tier });
      found = { ...answer, identity: who, at: system.monotonic(), doubted: false };
      refusal = undefined;
      failure = undefined;
      return answer.project;
    } catch (thrown) {
      const error = aboutProject(toRelayError(thrown));
      if (isRefusal(error)) {
        if (refusal?.error.message !== error.message)
          log.error('Code Assist refuses the account', { reason: error.reason, problem: error.message });
        refusal = { error, identity: who, at: system.monotonic() };
        found = undefined;
      } else if (found?.identity === who) {
        // Better an old answer than none.
        return found.project;
      } else if (!TOLD_ELSEWHERE.has(error.reason ?? '')) {
        if (failure?.identity !== who) {
          log.warn('Code Assist cannot be asked for the project; the relay keeps trying', {
            reason: error.reason,
            problem: error.message,
            cause: error.cause,
          });
        }
        failure = { error, identity: who };
      }
      throw error;
    } finally {
      ended.abort();
    }
  };

  const knownTo = (who: string): string | undefined =>
    found && found.identity === who && !found.doubted && system.monotonic() - found.at < KEEP_MS
      ? found.project
      : undefined;

  const refused = (who: string | undefined): RelayError | undefined =>
    refusal && refusal.identity === who ? refusal.error : undefined;

  return {
    known: () => knownTo(identity() ?? ''),
    find: async (signal) => {
      const who = identity() ?? '';
      const project = knownTo(who);
      if (project !== undefined) return project;
      const error = refused(who);
      if (error && refusal && system.monotonic() - refusal.at < KEEP_REFUSAL_MS) throw error;
      return abortable(flight?.identity === who ? flight.project : fly(who), signal);
    },
    doubt: () => {
      if (found && system.monotonic() - found.at > FRESH_MS) found = { ...found, doubted: true };
    },
    status: () => {
      const who = identity() ?? '';
      const error = refused(who);
      if (error)
        return {
          status: error.reason === 'config_error' ? 'config_error' : 'account_ineligible',
          ...forEverybody(error),
        };
      if (found?.identity !== who) {
        return { status: 'starting', ...(failure?.identity === who ? stillAsking(failure.error) : ASKING) };
      }
      return { status: 'healthy', message: 'Ready.', details: { project: found.project, tier: found.tier } };
    },
  };
};

/**
 * Whoever asked a model is not told what Google has against the question for the project. What it has against account,
 * login or the way there stays as it is, and is never about the one model.
 */
const aboutProject = (error: RelayError): RelayError => {
  const { doorCause, problem, retryAfterMs } = error;
  if (error.reason === 'internal_error' || doorCause === 'network') return error;
  if (error.reason === 'upstream_empty_response') return changed(error, { doorCause: 'server_error' });
  if (doorCause !== undefined && troubleWith(doorCause).cools === 'key') return error;
  return failed('server_error', `Code Assist cannot be asked for the project of the account: ${problem}`, {
    status: 502,
    fix: 'Try again later.',
    tries: error.tries,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    cause: error,
  });
};

/** Not before the owner has done something. */
const isRefusal = (error: RelayError): boolean =>
  error.reason === 'account_ineligible' || error.reason === 'config_error';

/** The credentials know of these, and have told the log and `/health`. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set(['token_unavailable', 'login_required', 'credentials_invalid']);

const ASKING = { message: 'The relay is asking Code Assist for the project.' };

const stillAsking = (error: RelayError): Pick<Status, 'message' | 'fix'> => {
  const { message, fix } = forEverybody(error);
  const goingOn = 'The relay keeps asking Code Assist for the project; `npm run health` looks closer.';
  return { message, fix: fix === undefined ? goingOn : `${fix} ${goingOn}` };
};

const tooSlow = (): RelayError =>
  failed('upstream_timeout', 'Code Assist did not finish setting the account up in two minutes.', {
    fix: 'Try again.',
  });
