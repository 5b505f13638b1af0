/** Before the installed program serves on a terminal: without anything that leads to Google, it asks what there is. */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { addToEnvFile } from '../src/config/env-file-write.ts';
import { gatherFacts } from '../src/diagnosis/facts.ts';
import type { Facts } from '../src/diagnosis/facts.ts';
import { codeOf } from '../src/errors/errno.ts';
import { parseStartArguments } from '../src/program/arguments.ts';
import { checkApiKey } from '../src/program/check-key.ts';
import { firstRun } from '../src/program/first-run.ts';
import { createSystem } from '../src/system.ts';
import { FIRST_RUN_VARIABLE, KEPT, placeIn } from '../src/terminal/commands-here.ts';
import { consoleOf } from '../src/terminal/console.ts';
import { EXIT } from '../src/terminal/exit-codes.ts';
import { createSpeaker } from '../src/terminal/speaker.ts';
import { createTransport } from '../src/upstreams/transport.ts';
import { userAgentOf } from '../src/version.ts';

let isKept = false;

const runLogin = async (): Promise<boolean> => {
  const [, program = ''] = process.argv;
  const login = spawn(process.execPath, [program, 'login'], {
    stdio: 'inherit',
    env: { ...process.env, [FIRST_RUN_VARIABLE]: isKept ? KEPT : '1' },
  });
  // Ctrl-C is for the login as well, which says what it has left: nobody waits for that whose program has ended.
  const wait = (): void => undefined;
  process.on('SIGINT', wait);
  const code = await new Promise<number | null>((resolve) => {
    login.once('error', () => {
      resolve(null);
    });
    login.once('exit', resolve);
  });
  process.off('SIGINT', wait);
  if (code === EXIT.interrupted) process.exit(EXIT.interrupted);
  return code === 0;
};

/** Where the file cannot be written, this start goes on with what was entered all the same. */
const keep = (settings: Readonly<Record<string, string>>): string | undefined => {
  try {
    addToEnvFile(settings);
    isKept = true;
    return undefined;
  } catch (error) {
    Object.assign(process.env, settings);
    return codeOf(error);
  }
};

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
  const { config, adcSource } = facts;
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
      hasCloudLogin: adcSource !== undefined,
      keep,
    });
  } finally {
    await transport.close();
  }
};

const ask = async (question: string): Promise<string | undefined> => {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C ends it, as anywhere: a reader by itself would only wait.
  reader.once('SIGINT', () => {
    process.stdout.write('\n');
    process.exit(EXIT.interrupted);
  });
  const closed = new Promise<undefined>((resolve) => {
    reader.once('close', () => {
      resolve(undefined);
    });
  });
  try {
    const answer = await Promise.race([reader.question(question), closed]);
    // Nobody has pressed Enter.
    if (answer === undefined) process.stdout.write('\n');
    return answer;
  } finally {
    reader.close();
  }
};
