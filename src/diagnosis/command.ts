/** `npm run health`: from the command line to the exit code. */
import { join } from 'node:path';
import type { Environment } from '../config.ts';
import { createRedactor } from '../redactor.ts';
import type { Redactor } from '../redactor.ts';
import type { System } from '../system.ts';
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
import { clean, isOk, toJson, toLine, toSummary } from './report.ts';

export const EXIT = { well: 0, failed: 1, usage: 2 } as const;

export interface Console {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
}

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
  const command = parseHealthArguments(args);
  if (command.kind === 'help') {
    out.write(`${HEALTH_USAGE}\n`);
    return EXIT.well;
  }
  const problem = command.kind === 'usage' ? command.problem : await problemOf(command);
  if (command.kind === 'usage' || problem !== undefined) {
    err.write(`Not understood: ${problem ?? ''}.\n\n${HEALTH_USAGE}\n`);
    return EXIT.usage;
  }
  const diagnosis = await startDiagnosis({
    ...needs,
    geminiHome: join(needs.env['GEMINI_CLI_HOME'] ?? needs.home, '.gemini'),
    generate: command.generate,
  });
  try {
    const redactor = createRedactor(diagnosis.facts.secrets);
    const checks = await tell(diagnosis, command, redactor, needs);
    if (command.json) out.write(`${toJson(checks)}\n`);
    if (command.bundle !== undefined) await keepBundle(command.bundle, diagnosis, checks, redactor, needs);
    return isOk(checks) ? EXIT.well : EXIT.failed;
  } finally {
    await diagnosis.close();
  }
};

type CheckCommand = Extract<HealthCommand, { kind: 'check' }>;

const problemOf = async ({ bundle }: CheckCommand): Promise<string | undefined> =>
  bundle === undefined ? undefined : bundleProblem(bundle);

/** Each check is told as soon as it and those before it are known. */
const tell = async (
  diagnosis: Diagnosis,
  { json }: CheckCommand,
  redactor: Redactor,
  { out, err, env, system }: HealthCommandNeeds,
): Promise<readonly Check[]> => {
  const colors = out.isTerminal && (env['NO_COLOR'] ?? '') === '';
  const progress = err.isTerminal ? createProgress(err.write, system) : noProgress;
  const checks: Check[] = [];
  try {
    for (const pending of diagnosis.checks) {
      progress.show(`${checks.length} of ${diagnosis.checks.length} checks done`);
      const check = clean(await pending, redactor);
      checks.push(check);
      progress.clear();
      if (!json) out.write(`${toLine(check, colors)}\n`);
    }
  } finally {
    progress.close();
  }
  if (!json) out.write(`\n${toSummary(checks)}\n`);
  return checks;
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
