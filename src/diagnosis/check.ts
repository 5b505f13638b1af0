/** One line of a diagnosis, and the ways to write one. */
import { RelayError } from '../errors.ts';

export interface Finding {
  /** `skip`: does not apply here, or cannot be known before something else is fixed. */
  readonly status: 'pass' | 'fail' | 'skip';
  readonly found: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly fix: string;
  /** Checks of which one that failed would be the reason for this: then there is one thing to do, not two. */
  readonly restsOn?: readonly string[];
  /** Of the check of several doors: one line each. */
  readonly doors?: readonly DoorLine[];
}

export interface DoorLine {
  readonly id: string;
  /** As `/health` says it. */
  readonly state: string;
  readonly cause: string | null;
  readonly found: string;
  /** Well, and asked only where those before it cannot answer. */
  readonly spare: boolean;
}

export interface Check {
  /** Stable, for machines: docs/health.md lists them. */
  readonly id: string;
  readonly status: Finding['status'];
  readonly found: string;
  readonly fix: string;
  readonly doors?: readonly DoorLine[];
  /** The check that failed and took this one with it. */
  readonly cause?: string;
}

export const pass = (found: string): Finding => ({ status: 'pass', found, fix: '' });
export const fail = (found: string, fix: string): Finding => ({ status: 'fail', found, fix });
export const skip = (found: string, fix = ''): Finding => ({ status: 'skip', found, fix });

/** Not asked at all, for want of what it rests on. */
export const after = (...restsOn: readonly string[]): Finding => ({ ...skip('cannot be asked from here'), restsOn });

export const restingOn = <T extends Finding>(finding: T, ...restsOn: readonly string[]): T =>
  finding.status === 'pass' ? finding : { ...finding, restsOn: [...(finding.restsOn ?? []), ...restsOn] };

export const isWell = ({ status }: Finding): boolean => status !== 'fail';

/** The errors of the relay say what to do as well; `orElse` is for those that only say what happened. */
export const fromError = (error: unknown, orElse: string): Finding => {
  if (error instanceof RelayError) {
    return fail(error.told ? `${error.problem} Google says: ${error.told}` : error.problem, error.fix ?? orElse);
  }
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return fail(typeof code === 'string' ? `it failed (${code})` : 'it failed for an unknown reason', orElse);
};

const MINUTE_MS = 60_000;

/** `300 ms`, `90 s`, `42 min`, `7 h`, `3 days` */
export const spell = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const minutes = ms / MINUTE_MS;
  if (minutes < 2) return `${Math.round(ms / 1000)} s`;
  if (minutes < 120) return `${Math.round(minutes)} min`;
  if (minutes < 2880) return `${Math.round(minutes / 60)} h`;
  return `${Math.round(minutes / 1440)} days`;
};
