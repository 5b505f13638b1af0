/** Before the installed program serves on a terminal: without anything that leads to Google, it asks what there is. */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { addToEnvFile } from '../src/config/env-file-write.ts';
import { gatherFacts } from '../src/diagnosis/facts.ts';
import type { Facts } from '../src/diagnosis/facts.ts';
import { parseStartArguments } from '../src/program/arguments.ts';
import { checkApiKey } from '../src/program/check-key.ts';
import { firstRun } from '../src/program/first-run.ts';
import { createSystem } from '../src/system.ts';
import { placeIn } from '../src/terminal/commands-here.ts';
import { consoleOf } from '../src/terminal/console.ts';
import { createSpeaker } from '../src/terminal/speaker.ts';
import { createTransport } from '../src/upstreams/transport.ts';
import { userAgentOf } from '../src/version.ts';

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

/** By the rule that the relay itself goes by. What is wrong with the settings is said by the start itself. */
const leadsNowhere = ({ decision, problems, envFile }: Facts): boolean =>
  decision.name === 'none' && problems.length === 0 && envFile.unusable === undefined;

/** Ends when the relay can start. */
export const askWhatThereIs = async (): Promise<void> => {
  if (parseStartArguments(process.argv.slice(2)).kind !== 'serve') return;
  const facts = await gatherFacts({
    env: process.env,
    envFile: '.env',
    geminiHome: join(homedir(), '.gemini'),
    system: createSystem(),
  });
  if (!leadsNowhere(facts)) return;
  const { config } = facts;
  const transport = createTransport(
    { ...config.network, userAgent: userAgentOf(config.upstream.userAgent) },
    createSystem(),
  );
  try {
    await firstRun({
      say: createSpeaker(consoleOf(process.stdout, process.env), placeIn(process.env)),
      ask,
      checkKey: (key) => checkApiKey(key, config.upstream.geminiApiEndpoint, transport),
      login: runLogin,
      keep: addToEnvFile,
    });
  } finally {
    await transport.close();
  }
};

const ask = async (question: string): Promise<string | undefined> => {
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
};
