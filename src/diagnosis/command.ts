/** `npm run health`: from the command line to the exit code. */
import { join } from 'node:path';
import type { Environment } from '../config.ts';
import { createRedactor } from '../redactor.ts';
import type { Redactor } from '../redactor.ts';
import type { System } from '../system.ts';
import { commandsHere, placeIn } from '../terminal/commands-here.ts';
import type { Console } from '../terminal/console.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { notUnderstood } from '../terminal/mistake.ts';
import { HEALTH_USAGE, parseHealthArguments } from './arguments.ts';
import type { HealthCommand } from './arguments.ts';
import { bundleProblem, toBundle, writeBundle } from './bundle.ts';
import type { Check } from './check.ts';
import type { RunCommand } from './commands.ts';
import { startDiagnosis } from './diagnosis.ts';
import type { Diagnosis } from './diagnosis.ts';
import { lastErrors } from './docker-checks.ts';
import type { Limits } from './limits.ts';
import { createProgress, noProgress } from './progress.ts';
import { clean, isOk, toJson, toReport } from './report.ts';

export interface HealthCommandNeeds {
  readonly env: Environment;
  readonly envFile: string;
  readonly home: string;
  readonly system: System;
  readonly run: RunCommand;
  readonly out: Console;
  readonly err: Console;
  readonly limits?: Limits;
}

export const health = async (args: readonly string[], needs: HealthCommandNeeds): Promise<number> => {
  const { out, err } = needs;
  const place = placeIn(needs.env);
  const command = parseHealthArguments(args);
  if (command.kind === 'help') {
    out.write(`${commandsHere(HEALTH_USAGE, place)}\n`);
    return EXIT.done;
  }
  const problem = command.kind === 'usage' ? command.problem : await problemOf(command);
  if (command.kind === 'usage' || problem !== undefined) {
    err.write(notUnderstood(problem ?? '', commandsHere(HEALTH_USAGE, place)));
    return EXIT.usage;
  }
  const diagnosis = await startDiagnosis({
    ...needs,
    geminiHome: join(needs.env['GEMINI_CLI_HOME'] ?? needs.home, '.gemini'),
    generate: command.generate,
  });
  try {
    const redactor = createRedactor(diagnosis.facts.secrets);
    const checks = (await waitFor(diagnosis, needs)).map((check) => clean(check, redactor, place));
    out.write(command.json ? `${toJson(checks)}\n` : toReport(checks, out, command.verbose, place));
    if (command.bundle !== undefined) await keepBundle(command.bundle, diagnosis, checks, redactor, needs);
    return isOk(checks) ? EXIT.done : EXIT.failed;
  } finally {
    await diagnosis.close();
  }
};

type CheckCommand = Extract<HealthCommand, { kind: 'check' }>;

const problemOf = async ({ bundle }: CheckCommand): Promise<string | undefined> =>
  bundle === undefined ? undefined : bundleProblem(bundle);

/** With a sign of life while they are waited for. */
const waitFor = async (
  { checks, total, done }: Diagnosis,
  { err, system }: HealthCommandNeeds,
): Promise<readonly Check[]> => {
  const progress = err.isTerminal
    ? createProgress(err.write, () => `${done()} of ${total} checks done`, system)
    : noProgress;
  try {
    return await checks;
  } finally {
    progress.close();
  }
};

const keepBundle = async (
  path: string,
  { facts }: Diagnosis,
  checks: readonly Check[],
  redactor: Redactor,
  { run, home, system, err }: HealthCommandNeeds,
): Promise<void> => {
  const hasDocker = checks.some(({ id, status }) => id === 'docker' && status === 'pass');
  const errors = hasDocker ? await lastErrors(run) : [];
  await writeBundle(path, toBundle({ facts, checks, errors, redactor, home, writtenAt: system.now() }));
  err.write(`The report is in ${path}.\n`);
};
