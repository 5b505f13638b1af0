/** `npm run login`: hands settings and terminal to the login, and its result to the shell. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadEnvironment } from '../src/config/env-file.ts';
import { ConfigError, parseConfig } from '../src/config.ts';
import type { Config } from '../src/config.ts';
import type { AccessTokens } from '../src/credentials/access-token.ts';
import { toOAuthSettings, userinfoUrlFor } from '../src/credentials/google-client.ts';
import { LOGIN_USAGE, parseLoginArguments } from '../src/credentials/login-arguments.ts';
import { login } from '../src/credentials/login.ts';
import { silentLogger } from '../src/log.ts';
import { launchBrowser } from '../src/program/launch-browser.ts';
import { createSystem } from '../src/system.ts';
import { commandsHere, FIRST_RUN_VARIABLE, KEPT, placeIn } from '../src/terminal/commands-here.ts';
import { consoleOf } from '../src/terminal/console.ts';
import { EXIT } from '../src/terminal/exit-codes.ts';
import { linesOf } from '../src/terminal/lines.ts';
import { notUnderstood } from '../src/terminal/mistake.ts';
import { runToEnd } from '../src/terminal/run-to-end.ts';
import { createLineSpeaker, createSpeaker } from '../src/terminal/speaker.ts';
import { createCodeAssistApi } from '../src/upstreams/code-assist/api.ts';
import { discoverProject } from '../src/upstreams/code-assist/discovery.ts';
import { createTransport } from '../src/upstreams/transport.ts';
import type { Transport } from '../src/upstreams/transport.ts';
import { userAgentOf } from '../src/version.ts';

const system = createSystem();
const place = placeIn(process.env);
const stdout = consoleOf(process.stdout, process.env);
const out = createSpeaker(stdout, place);
const err = createSpeaker(consoleOf(process.stderr, process.env), place);
const toMachine = createLineSpeaker(stdout, place);

/** A login opens no public address: what a public one would need is no reason to refuse it. */
const readConfig = (): Config => parseConfig({ ...loadEnvironment(process.env).env, HOST: '127.0.0.1' });

/** A machine without a browser may tell so late; the address is on the terminal anyway. */
const openBrowser = async (url: string): Promise<void> => {
  await launchBrowser(url);
};

/** Only where requests would go to Code Assist. */
const checkerOf = (config: Config, transport: Transport) => {
  const { kind, codeAssistEndpoint: endpoint } = config.upstream;
  if (kind !== 'auto' && kind !== 'code-assist') return undefined;
  return (tokens: AccessTokens, signal: AbortSignal) =>
    discoverProject(
      { api: createCodeAssistApi({ endpoint, transport, tokens, system }), system, log: silentLogger },
      { asked: config.credentials.project, ownProject: config.credentials.project ?? tokens.projectId() },
      signal,
    );
};

const run = async (args: readonly string[]): Promise<number> => {
  const command = parseLoginArguments(args);
  if (command.kind === 'help') {
    process.stdout.write(`${commandsHere(LOGIN_USAGE, place)}\n`);
    return EXIT.done;
  }
  if (command.kind === 'usage') {
    process.stderr.write(notUnderstood(command.problem, commandsHere(LOGIN_USAGE, place)));
    return EXIT.usage;
  }
  const config = readConfig();
  const userAgent = userAgentOf(config.upstream.userAgent);
  const transport = createTransport({ ...config.network, userAgent }, system);
  const interrupted = new AbortController();
  const interrupt = (): void => {
    interrupted.abort(new Error('interrupted'));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  // Nobody sees the address any more.
  process.stdout.once('error', interrupt);
  const oauth = toOAuthSettings(config.credentials.oauth);
  const input = linesOf(process.stdin);
  try {
    const code = await login(command.options, {
      oauth,
      userinfoUrl: userinfoUrlFor(oauth.tokenUrl),
      file: config.credentials.file,
      variableIsSet: config.credentials.json !== undefined,
      geminiHome: join(process.env['GEMINI_CLI_HOME'] ?? homedir(), '.gemini'),
      network: { dispatcher: transport.dispatcher },
      system,
      terminal: {
        say: (text, tone) => {
          (command.json ? toMachine : tone === 'bad' ? err : out)(text, tone);
        },
        lines: input,
      },
      openBrowser,
      servesNext: process.env[FIRST_RUN_VARIABLE] !== undefined,
      keptBefore: process.env[FIRST_RUN_VARIABLE] === KEPT,
      checkAccount: checkerOf(config, transport),
      signal: interrupted.signal,
    });
    if (command.json)
      stdout.write(`${JSON.stringify({ ok: code === EXIT.done, file: resolve(config.credentials.file) })}\n`);
    return code;
  } finally {
    input.close();
    await transport.close();
  }
};

void runToEnd(
  () => run(process.argv.slice(2)),
  (error) => ({
    word:
      error instanceof ConfigError
        ? error.problems.join('\n')
        : `The login failed: ${error instanceof Error ? error.message : 'for an unknown reason'}`,
    code: EXIT.failed,
  }),
);
