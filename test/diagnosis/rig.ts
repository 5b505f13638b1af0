/** `npm run health` in this process, before a simulator of Google's side and, where asked for, a relay that serves. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../src/config.ts';
import type { Check } from '../../src/diagnosis/check.ts';
import { health } from '../../src/diagnosis/command.ts';
import type { CommandResult, RunCommand } from '../../src/diagnosis/commands.ts';
import type { Limits } from '../../src/diagnosis/limits.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { createSystem } from '../../src/system.ts';
import { consoleOf } from '../../src/terminal/console.ts';
import type { System } from '../../src/system.ts';
import { environmentOf } from '../support/relay.ts';
import type { StartOptions } from '../support/relay.ts';

export interface HealthRun {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** What --json tells, by id. */
  readonly checks: ReadonlyMap<string, Check>;
}

export interface HealthRig {
  readonly simulator: Simulator;
  readonly folder: string;
  readonly env: Environment;
  /** With --json unless other arguments are given. */
  readonly run: (options?: RunOptions) => Promise<HealthRun>;
  readonly close: () => Promise<void>;
}

export interface RunOptions {
  readonly args?: readonly string[];
  readonly env?: Environment;
  readonly commands?: RunCommand;
  readonly system?: System;
  readonly limits?: Limits;
  readonly terminal?: boolean;
  readonly columns?: number;
}

/** A machine without Docker, lsof and all. */
export const noCommands: RunCommand = () => Promise.resolve({ kind: 'missing', output: '' });

/** A machine with these programs: the first words of a command, and what comes of it. */
export const withCommands =
  (known: Readonly<Record<string, Partial<CommandResult>>>): RunCommand =>
  (program, args) => {
    const line = [program, ...args].join(' ');
    const found = Object.entries(known).find(([start]) => line.startsWith(start))?.[1];
    return Promise.resolve({ kind: found ? 'done' : 'missing', output: '', ...found });
  };

/** Google, a folder of one's own, and no relay on the port, unless `env` names another one. */
export const openRig = async (options: StartOptions = {}, given?: Simulator): Promise<HealthRig> => {
  const simulator = given ?? (await startSimulator(options.simulator));
  const folder = mkdtempSync(join(tmpdir(), 'health-'));
  const env = { ...environmentOf(simulator, folder, options), PORT: CLOSED_PORT, ...options.env };
  return {
    simulator,
    folder,
    env,
    run: async ({
      args = ['--json'],
      env: more = {},
      commands = noCommands,
      system,
      limits,
      terminal = false,
      columns = 80,
    } = {}) => {
      let out = '';
      let err = '';
      const streamOf = (keep: (text: string) => void) => ({
        isTTY: terminal,
        columns,
        write: (text: string | Uint8Array): boolean => {
          keep(String(text));
          return true;
        },
      });
      const exit = await health(args, {
        env: { ...env, ...more },
        envFile: join(folder, '.env'),
        home: folder,
        system: system ?? createSystem(),
        run: commands,
        out: consoleOf(
          streamOf((text) => (out += text)),
          { ...env, ...more },
        ),
        err: consoleOf(
          streamOf((text) => (err += text)),
          { ...env, ...more },
        ),
        ...(limits && { limits }),
      });
      return { exit, out, err, checks: checksIn(out) };
    },
    close: async () => {
      if (!given) await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Port 1 needs rights to listen on, which no test run has used. */
const CLOSED_PORT = '1';

const checksIn = (out: string): ReadonlyMap<string, Check> => {
  if (!out.startsWith('{')) return new Map();
  const { checks } = JSON.parse(out) as { checks: Check[] };
  return new Map(checks.map((check) => [check.id, check]));
};

/** Every file below a folder: its bytes, and when they were written. */
export const filesIn = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, `${statSync(path).mtimeMs} ${readFileSync(path, 'base64')}`]),
  );
