/** Before the installed program serves: on a terminal, without anything that leads to Google, it asks what there is. */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { ConfigError, parseConfig } from '../src/config.ts';
import type { Config } from '../src/config.ts';
import { addToEnvFile } from '../src/config/env-file-write.ts';
import { loadEnvironment } from '../src/config/env-file.ts';
import { gatherFacts } from '../src/diagnosis/facts.ts';
import { parseStartArguments } from '../src/program/arguments.ts';
import { checkApiKey } from '../src/program/check-key.ts';
import { firstRun } from '../src/program/first-run.ts';
import { createSystem } from '../src/system.ts';
import { placeIn } from '../src/terminal/commands-here.ts';
import { consoleOf } from '../src/terminal/console.ts';
import { createSpeaker } from '../src/terminal/speaker.ts';
import { createTransport } from '../src/upstreams/transport.ts';
import { userAgentOf } from '../src/version.ts';

/** What is wrong with the settings is said by the start itself. */
const readConfig = (): Config | undefined => {
  try {
    return parseConfig(loadEnvironment(process.env).env);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
};

/** By the rule that the relay itself goes by, so that a login of Google Cloud counts as well. */
const leadsNowhere = async (): Promise<boolean> => {
  const facts = await gatherFacts({
    env: process.env,
    envFile: '.env',
    geminiHome: join(homedir(), '.gemini'),
    system: createSystem(),
  });
  return facts.decision.name === 'none';
};

const runLogin = async (): Promise<boolean> => {
  const [, program = ''] = process.argv;
  const login = spawn(process.execPath, [program, 'login'], { stdio: 'inherit' });
  return new Promise((resolve) => {
    login.once('error', () => {
      resolve(false);
    });
    login.once('exit', (code) => {
      resolve(code === 0);
    });
  });
};

/** As a shell has it: 128 and the number of the signal. */
const INTERRUPTED = 130;

const isAsked = process.stdin.isTTY && process.stdout.isTTY;
const config = isAsked && parseStartArguments(process.argv.slice(2)).kind === 'serve' ? readConfig() : undefined;

if (config !== undefined && (await leadsNowhere())) {
  const transport = createTransport(
    { ...config.network, userAgent: userAgentOf(config.upstream.userAgent) },
    createSystem(),
  );
  try {
    await firstRun({
      say: createSpeaker(consoleOf(process.stdout, process.env), placeIn(process.env)),
      ask: async (question) => {
        const reader = createInterface({ input: process.stdin, output: process.stdout });
        // Ctrl-C ends it, as anywhere: a reader by itself would only wait.
        reader.once('SIGINT', () => process.exit(INTERRUPTED));
        const closed = new Promise<undefined>((resolve) => {
          reader.once('close', () => {
            resolve(undefined);
          });
        });
        try {
          return await Promise.race([reader.question(question), closed]);
        } finally {
          reader.close();
        }
      },
      checkKey: (key) => checkApiKey(key, config.upstream.geminiApiEndpoint, transport),
      login: runLogin,
      keep: addToEnvFile,
    });
  } finally {
    await transport.close();
  }
}
