/** The relay in front of a simulator of Google's side: every route works, with no account and no network. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigError, parseConfig } from '../src/config.ts';
import type { Environment } from '../src/config.ts';
import { DEMO_USAGE, parseDemoArguments } from '../src/program/demo-arguments.ts';
import type { DemoDoor, DemoOptions } from '../src/program/demo-arguments.ts';
import { tryLines, describeListenFailure } from '../src/program/greeting.ts';
import { createRedactor } from '../src/redactor.ts';
import { openRelay } from '../src/program/relay.ts';
import { writeSampleData } from '../src/program/sample-data.ts';
import { newApiKey, newProject } from '../src/simulator/api-keys.ts';
import { slowChunks } from '../src/simulator/faults.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/simulator.ts';
import { commandsHere, placeIn } from '../src/terminal/commands-here.ts';
import { consoleOf } from '../src/terminal/console.ts';
import { EXIT } from '../src/terminal/exit-codes.ts';
import { notUnderstood } from '../src/terminal/mistake.ts';
import { outliveReaders } from '../src/terminal/readers.ts';
import { createSystem } from '../src/system.ts';

const main = async (): Promise<void> => {
  outliveReaders();
  const command = parseDemoArguments(process.argv.slice(2));
  const place = placeIn(process.env);
  if (command.kind === 'help') {
    console.log(commandsHere(DEMO_USAGE, place));
    return;
  }
  if (command.kind === 'usage') {
    process.stderr.write(notUnderstood(command.problem, commandsHere(DEMO_USAGE, place)));
    process.exitCode = EXIT.usage;
    return;
  }
  const { paceMs } = command;
  const simulator = await startSimulator();
  if (paceMs > 0) simulator.always('generate', slowChunks(paceMs));
  const folder = mkdtempSync(join(tmpdir(), 'gemini-cli-relay-demo-'));
  try {
    await serve(command, simulator, folder);
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : describeListenFailure(error)}\n`);
    process.exitCode = error instanceof ConfigError ? EXIT.config : EXIT.failed;
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

const serve = async (
  { door, keys, hasSampleData, port, json }: DemoOptions,
  simulator: Simulator,
  folder: string,
): Promise<void> => {
  const credentialsFile = join(folder, 'oauth_creds.json');
  writeFileSync(credentialsFile, JSON.stringify(simulator.credentials), { mode: 0o600 });
  const environment = {
    ...settingsOf(door, simulator, credentialsFile),
    ...(port !== undefined && { PORT: port }),
    ...(keys > 0 && { GEMINI_API_KEY: '', GEMINI_API_KEYS: playKeys(keys, simulator) }),
  };
  const config = parseConfig(environment);
  const { isTerminal, colors } = consoleOf(process.stdout, process.env);
  const relay = await openRelay(
    { environment, file: {} },
    {
      keys: config.keys,
      place: placeIn(process.env),
      system: createSystem(),
      redactor: createRedactor(),
      write: (line) => process.stdout.write(line),
      logFormat: isTerminal && !json ? 'pretty' : 'json',
      colors,
    },
  );
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(EXIT.failed));
        resolve();
      });
    }
  });
  await relay.storeTried;
  relay.loadRest();
  if (hasSampleData) await writeSampleData(relay.parts, door);
  const key = config.keys[0]?.value ?? '';
  console.log(
    json
      ? JSON.stringify({ message: 'demo', url: relay.url, console: `${relay.url}/console`, key, door, keys })
      : instructions(relay.url, keys > 0 ? `${door} with ${keys} keys` : door, key),
  );
  await stopped;
  await relay.close(1000);
};

/** Each in a project of its own, so small that a few requests use it up; as a value of GEMINI_API_KEYS. */
const playKeys = (count: number, { apiKeys }: Simulator): string =>
  Array.from({ length: count }, (_none, index) => {
    const label = `project-${index + 1}`;
    const key = `AQ.${label}-of-the-demo`;
    apiKeys.set(key, newApiKey(newProject(label, { quota: { perMinute: 3 } })));
    return `${label}=${key}`;
  }).join(',');

/** The settings of the environment, but nothing of them that leads to Google or anybody's account. */
const settingsOf = (door: DemoDoor, simulator: Simulator, credentialsFile: string): Environment => ({
  ...process.env,
  // As everywhere, what is left empty is not set.
  GEMINI_AUTH_PASSWORD: process.env['GEMINI_AUTH_PASSWORD']?.trim() || randomBytes(24).toString('base64url'),
  UPSTREAM: door,
  // Beside the credentials that are played: the owner's database, relays and traces know nothing of it.
  DATABASE_URL: '',
  REDIS_URL: '',
  OTEL_TRACES_EXPORTER: 'none',
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
  GEMINI_API_KEYS: '',
  GEMINI_API_KEYS_FILE: '',
  GEMINI_API_KEY: door === 'gemini-api' ? simulator.apiKey : undefined,
  VERTEX_ENDPOINT: simulator.url,
});

const instructions = (url: string, door: string, key: string): string => `
  gemini-cli-relay, demo: ${door} is played by a simulator on this machine. Ctrl-C ends it.

  Address   ${url}
  Console   ${url}/console
  Key       ${key}

  OpenAI clients (base URL ${url}/v1):

${indented(tryLines(url, key))}

  Gemini clients (base URL ${url}):

${indented([
  `curl '${url}/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse' \\`,
  `  -H 'x-goog-api-key: ${key}' -H 'Content-Type: application/json' \\`,
  `  -d '{"contents":[{"role":"user","parts":[{"text":"Hello!"}]}]}'`,
])}
`;

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join('\n');

void main();
