/** The relay in front of a simulator of Google's side: every route works, with no account and no network. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, parseConfig } from '../src/config.ts';
import type { Environment } from '../src/config.ts';
import { curlLines, describeListenFailure } from '../src/program/greeting.ts';
import { createRedactor } from '../src/redactor.ts';
import { openRelay } from '../src/program/relay.ts';
import { writeSampleData } from '../src/program/sample-data.ts';
import { slowChunks } from '../src/simulator/faults.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import { notUnderstood } from '../src/terminal/mistake.ts';
import type { Simulator } from '../src/simulator/simulator.ts';
import { createSystem } from '../src/system.ts';

const DOORS = ['code-assist', 'gemini-api', 'vertex'] as const;
type DoorName = (typeof DOORS)[number];

const USAGE = `npm run demo -- [options]

  --upstream DOOR   ${DOORS.join(', ')}: which of Google's doors is played (default: code-assist)
  --pace MS         streams pause for so many milliseconds before each chunk, so that one can watch (e.g. 100)
  --sample-data     five weeks of usage that never was, so that the console's charts have something to show
  --help            this text

Serves on PORT (8888) of this machine, before a simulator of Google's side. Ctrl-C ends it.`;

interface DemoOptions {
  readonly door: DoorName;
  readonly paceMs: number;
  readonly hasSampleData: boolean;
}

/** A sentence's middle where the options are not understood. */
const readOptions = (): DemoOptions | 'help' | { readonly problem: string } => {
  const { tokens } = parseArgs({
    options: {
      upstream: { type: 'string' },
      pace: { type: 'string' },
      'sample-data': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  let door: DoorName = 'code-assist';
  let paceMs = 0;
  let hasSampleData = false;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') return { problem: `the word ${token.value} is one too many` };
    if (token.name === 'help') return 'help';
    if (token.name === 'sample-data') {
      hasSampleData = true;
      continue;
    }
    if (token.name === 'upstream') {
      const found = DOORS.find((name) => name === token.value);
      if (found === undefined) return { problem: `--upstream takes one of ${DOORS.join(', ')}` };
      door = found;
    } else if (token.name === 'pace') {
      if (!/^\d{1,5}$/.test(token.value ?? '')) return { problem: '--pace takes milliseconds, e.g. 100' };
      paceMs = Number(token.value);
    } else return { problem: `there is no option ${token.rawName}` };
  }
  return { door, paceMs, hasSampleData };
};

const main = async (): Promise<void> => {
  const options = readOptions();
  if (options === 'help') {
    console.log(USAGE);
    return;
  }
  if ('problem' in options) {
    process.stderr.write(notUnderstood(options.problem, USAGE));
    process.exitCode = 2;
    return;
  }
  const { door, paceMs, hasSampleData } = options;
  const simulator = await startSimulator();
  if (paceMs > 0) simulator.always('generate', slowChunks(paceMs));
  const folder = mkdtempSync(join(tmpdir(), 'gemini-cli-relay-demo-'));
  try {
    await serve({ door, hasSampleData }, simulator, folder);
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : describeListenFailure(error)}\n`);
    process.exitCode = error instanceof ConfigError ? 78 : 1;
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

const serve = async (
  { door, hasSampleData }: Pick<DemoOptions, 'door' | 'hasSampleData'>,
  simulator: Simulator,
  folder: string,
): Promise<void> => {
  const credentialsFile = join(folder, 'oauth_creds.json');
  writeFileSync(credentialsFile, JSON.stringify(simulator.credentials), { mode: 0o600 });
  const environment = settingsOf(door, simulator, credentialsFile);
  const config = parseConfig(environment);
  const relay = await openRelay(
    { environment, file: {} },
    {
      keys: config.keys,
      system: createSystem(),
      redactor: createRedactor(),
      write: (line) => process.stdout.write(line),
      logFormat: config.log.format ?? (process.stdout.isTTY ? 'pretty' : 'json'),
      colors: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
    },
  );
  if (hasSampleData) await writeSampleData(relay.parts, door);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
    }
  });
  console.log(instructions(relay.url, door, config.keys[0]?.value ?? ''));
  await stopped;
  await relay.close(1000);
};

/** The settings of the environment, but nothing of them that leads to Google or anybody's account. */
const settingsOf = (door: DoorName, simulator: Simulator, credentialsFile: string): Environment => ({
  ...process.env,
  GEMINI_AUTH_PASSWORD: process.env['GEMINI_AUTH_PASSWORD'] ?? randomBytes(24).toString('base64url'),
  UPSTREAM: door,
  // Beside the credentials that are played: the owner's database knows nothing of it.
  DATABASE_URL: '',
  GEMINI_CREDENTIALS: '',
  GEMINI_PROJECT_ID: '',
  GOOGLE_OAUTH_CLIENT_ID: '',
  GOOGLE_OAUTH_CLIENT_SECRET: '',
  HTTPS_PROXY: '',
  HTTP_PROXY: '',
  HOME: dirname(credentialsFile),
  GOOGLE_APPLICATION_CREDENTIALS: credentialsFile,
  GOOGLE_OAUTH_TOKEN_URL: simulator.tokenUrl,
  GOOGLE_CLOUD_PROJECT: door === 'vertex' ? simulator.account.project : undefined,
  CODE_ASSIST_ENDPOINT: simulator.url,
  GEMINI_API_ENDPOINT: simulator.url,
  GEMINI_API_KEY: door === 'gemini-api' ? simulator.apiKey : undefined,
  VERTEX_ENDPOINT: simulator.url,
});

const instructions = (url: string, door: DoorName, key: string): string => `
  gemini-cli-relay, demo: ${door} is played by a simulator on this machine. Ctrl-C ends it.

  Address   ${url}
  Key       ${key}

  OpenAI clients (base URL ${url}/v1):

${indented(curlLines(url, key))}

  Gemini clients (base URL ${url}):

${indented([
  `curl '${url}/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse' \\`,
  `  -H 'x-goog-api-key: ${key}' -H 'Content-Type: application/json' \\`,
  `  -d '{"contents":[{"role":"user","parts":[{"text":"Hello!"}]}]}'`,
])}
`;

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join('\n');

await main();
