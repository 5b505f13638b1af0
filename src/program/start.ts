import { ConfigError, parseConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { loadEnvironment } from '../config/env-file.ts';
import { inFull } from '../errors.ts';
import { asTyped } from '../health.ts';
import { createRedactor } from '../redactor.ts';
import { openRelayKey, relayKeyPath } from '../relay-key.ts';
import type { Written } from '../settings/written.ts';
import { createSystem } from '../system.ts';
import { commandsHere, placeIn } from '../terminal/commands-here.ts';
import { consoleOf } from '../terminal/console.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { notUnderstood } from '../terminal/mistake.ts';
import { outliveReaders } from '../terminal/readers.ts';
import { versionLine } from '../version.ts';
import { parseStartArguments, START_USAGE } from './arguments.ts';
import type { StartOptions } from './arguments.ts';
import { createCrashGuard } from './crash.ts';
import { addresses, describeKey, describeListenFailure, greeting, keyAnnouncement } from './greeting.ts';
import type { KeySource } from './greeting.ts';
import { lookAtDoors } from './first-look.ts';
import { guardOutput } from './output.ts';
import { becomesReady, firstOutcome } from './readiness.ts';
import { openRelay } from './relay.ts';
import { showConsole } from './show-console.ts';

/** How long the greeting waits for something to say of the state. */
const GREETING_WAIT_MS = 2000;

/** When requests have ended, what is left to write and to close may take so long. */
const CLOSING_MS = 5000;

/** Env in, server out: serves until it is told to stop. */
export const start = async (args: readonly string[]): Promise<void> => {
  outliveReaders();
  const command = parseStartArguments(args);
  const place = placeIn(process.env);
  const here = (text: string): string => commandsHere(text, place);
  const usage = here(START_USAGE);
  if (command.kind === 'help' || command.kind === 'version') {
    process.stdout.write(`${command.kind === 'help' ? usage : versionLine(command.json)}\n`);
    process.exitCode = EXIT.done;
    return;
  }
  if (command.kind === 'usage') {
    process.stderr.write(notUnderstood(command.problem, usage));
    process.exitCode = EXIT.usage;
    return;
  }
  const { config, written, warnings } = readConfig(command.options);
  const redactor = createRedactor(config.secrets);
  const output = guardOutput(redactor);
  const { keys, source } = await openKeys(config);
  redactor.add(...keys.map(({ value }) => value));

  const system = createSystem();
  const isPretty = config.log.format === undefined ? output.isTerminal : config.log.format === 'pretty';
  const { colors, columns } = consoleOf(process.stdout, process.env);
  let announcement = keyAnnouncement(source);
  const announceKey = (beside = !isPretty): void => {
    if (announcement !== undefined) output.secret(announcement, beside);
    announcement = undefined;
  };
  const relay = await awake(
    openRelay(written, {
      keys,
      place,
      system,
      redactor,
      write: (lines) => {
        output.line(lines);
      },
      soon: (run) => {
        output.soon(run);
      },
      logFormat: isPretty ? 'pretty' : 'json',
      colors,
    }),
  ).catch((error: unknown) => {
    // The next start would find the key made, and never show it. What stands on the other side is why the start failed.
    announceKey(false);
    throw error;
  });
  const { log, door, version } = relay.parts;

  const ended = new AbortController();
  const finish = async (code: number, noticeMs = 0): Promise<never> => {
    ended.abort();
    announceKey();
    const { shutdownGraceMs: graceMs } = relay.settings.config.limits;
    const isClosed = await Promise.race([
      relay.close(graceMs, noticeMs).then(() => true),
      system.sleep(noticeMs + graceMs + CLOSING_MS).then(() => false),
    ]);
    if (!isClosed) {
      log.error('ended before all was closed: a disk or a server that keeps something does not answer');
      output.flush();
      // An exit would wait for the thread that stands before that disk.
      process.kill(process.pid, 'SIGKILL');
    }
    process.exit(code);
  };
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait.
      if (stopping) process.exit(EXIT.failed);
      stopping = true;
      const { shutdownGraceMs, shutdownDelayMs } = relay.settings.config.limits;
      log.info('stopping', {
        signal,
        graceMs: shutdownGraceMs,
        ...(shutdownDelayMs > 0 && { delayMs: shutdownDelayMs }),
      });
      void finish(EXIT.done, shutdownDelayMs);
    });
  }
  const onCrash = createCrashGuard({
    log,
    system,
    failCurrent: (error) => void relay.app.failCurrent(error),
    giveUp: () => {
      if (stopping) return;
      stopping = true;
      log.error('too many uncaught errors within a minute, giving up');
      void finish(EXIT.broken);
    },
  });
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);

  // For machines it is the fact that counts, and soon.
  const look = isPretty ? lookAtDoors(door, ended.signal) : undefined;
  if (look) {
    const outcomes = Promise.all([look.done, firstOutcome(door.status, system, GREETING_WAIT_MS)]);
    await Promise.race([outcomes, system.sleep(GREETING_WAIT_MS)]);
  }
  if (ended.signal.aborted) return;
  const status = asTyped(door.status(), here);
  const isTried = look?.isDone() ?? true;
  const others = Object.fromEntries(Object.entries(door.others).map(([name, need]) => [name, here(need)]));
  if (isPretty) {
    output.line(
      greeting(
        {
          version,
          host: config.listen.host,
          port: relay.port,
          hasConsole: config.console.isOn,
          upstream: door.name,
          why: door.why,
          others,
          key: source,
          status,
          doors: door.control.states().length,
          shut: look?.shut() ?? [],
          isTried,
        },
        colors,
        columns,
      ),
    );
  } else {
    log.info('listening', {
      version,
      url: relay.url,
      upstream: door.name,
      why: door.why,
      others,
      key: describeKey(source),
      status: status.status,
      state: inFull(status.message, status.fix),
    });
  }
  announceKey();
  if (command.options.open && config.console.isOn) {
    const [nearest = relay.url] = addresses(config.listen.host, relay.port);
    void showConsole(`${nearest}/console`, log);
  } else if (command.options.open) {
    log.warn('--open shows nothing: there is no console (CONSOLE=off)');
  }
  for (const warning of [...warnings, ...config.warnings]) log.warn(warning);
  look?.tellLater((id, problem) => {
    log.warn('a door lets nobody through', { door: id, problem });
  });
  relay.loadRest();
  if (status.status === 'healthy' && isTried) return;
  void (look?.done ?? Promise.resolve())
    .then(() => becomesReady(door.status, system, ended.signal))
    .then(
      () => {
        if (ended.signal.aborted) return;
        if (look?.isHopeless() !== true) log.info('ready', { upstream: door.name });
        // Doors that are shut have been told of.
        else if (look.isSilent()) log.warn('Google has not answered so far: requests may wait for it, too');
      },
      () => undefined,
    );
};

const A_WHILE_MS = 60_000;

/** Timers of the relay hold no process, so one that waits for its database and has no port yet would just end. */
const awake = async <Result>(opening: Promise<Result>): Promise<Result> => {
  const holding = setInterval(() => undefined, A_WHILE_MS);
  try {
    return await opening;
  } finally {
    clearInterval(holding);
  }
};

interface ReadConfig {
  readonly config: Config;
  readonly written: Written;
  readonly warnings: readonly string[];
}

const readConfig = ({ port, host, json }: StartOptions): ReadConfig => {
  const warnings: string[] = [];
  try {
    const loaded = loadEnvironment(process.env);
    warnings.push(...loaded.warnings, ...loaded.mistakes.map(({ what, fix }) => `.env: ${what}. ${fix}`));
    const given = {
      ...(port !== undefined && { PORT: port }),
      ...(host !== undefined && { HOST: host }),
      ...(json && { LOG_FORMAT: 'json' }),
    };
    const written = { environment: { ...process.env, ...given }, file: loaded.fromFile };
    return { config: parseConfig({ ...written.file, ...written.environment }), written, warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // What looks like a missing setting is often one with a slip in its name.
    process.stderr.write([...error.problems, ...warnings].map((line) => `${line}\n`).join(''));
    process.exit(EXIT.config);
  }
};

/** The keys that are set; or, on an address of this machine alone, one of the relay's own making. */
const openKeys = async (config: Config): Promise<{ readonly keys: Config['keys']; readonly source: KeySource }> => {
  if (config.keys.length > 0) {
    return { keys: config.keys, source: { kind: 'variables', names: config.keys.map(({ name }) => name) } };
  }
  const { origin, value, path } = await openRelayKey(relayKeyPath(config.credentials.file));
  const keys = [{ name: 'relay-key', value }];
  return { keys, source: origin === 'stored' ? { kind: origin, path } : { kind: origin, path, value } };
};

/** Says in one line why the start failed. */
export const reportFailure = (error: unknown): never => {
  process.stderr.write(`${describeListenFailure(error)}\n`);
  process.exit(EXIT.failed);
};
