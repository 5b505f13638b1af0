import { ConfigError, parseConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { loadEnvironment } from '../config/env-file.ts';
import { createRedactor } from '../redactor.ts';
import { openRelayKey, relayKeyPath } from '../relay-key.ts';
import { createSystem } from '../system.ts';
import { createCrashGuard } from './crash.ts';
import { describeKey, describeListenFailure, greeting, keyAnnouncement } from './greeting.ts';
import type { KeySource } from './greeting.ts';
import { guardOutput } from './output.ts';
import { openRelay } from './relay.ts';

/** sysexits.h: EX_CONFIG, EX_SOFTWARE. */
const EXIT = { done: 0, failed: 1, broken: 70, config: 78 } as const;

/** Env in, server out: serves until it is told to stop. */
export const start = async (): Promise<void> => {
  const { config, warnings } = readConfig();
  const redactor = createRedactor(config.secrets);
  const output = guardOutput(redactor);
  const { keys, source } = await openKeys(config);
  for (const key of keys) redactor.add(key.value);

  const system = createSystem();
  const isPretty = config.log.format === undefined ? output.isTerminal : config.log.format === 'pretty';
  const announceKey = (): void => {
    const announcement = keyAnnouncement(source);
    if (announcement !== undefined) output.secret(announcement);
  };
  const relay = await openRelay(config, {
    keys,
    system,
    redactor,
    write: (lines) => {
      output.line(lines);
    },
    soon: (run) => {
      output.soon(run);
    },
    logFormat: isPretty ? 'pretty' : 'json',
    colors: output.isTerminal,
  }).catch((error: unknown) => {
    // The next start would find the key made, and never show it.
    announceKey();
    throw error;
  });
  const { log, door, version } = relay.parts;

  const finish = async (code: number): Promise<never> => {
    await relay.close(config.limits.shutdownGraceMs);
    process.exit(code);
  };
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait.
      if (stopping) process.exit(EXIT.failed);
      stopping = true;
      log.info('stopping', { signal, graceMs: config.limits.shutdownGraceMs });
      void finish(EXIT.done);
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

  const status = door.status();
  if (isPretty) {
    output.line(
      greeting(
        {
          version,
          host: config.listen.host,
          port: relay.port,
          upstream: door.name,
          why: door.why,
          others: door.others,
          key: source,
          status,
        },
        output.isTerminal,
      ),
    );
  } else {
    log.info('listening', {
      version,
      url: relay.url,
      upstream: door.name,
      why: door.why,
      others: door.others,
      key: describeKey(source),
      status: status.status,
      state: status.message,
    });
  }
  announceKey();
  for (const warning of [...warnings, ...config.warnings]) log.warn(warning);
};

const readConfig = (): { readonly config: Config; readonly warnings: readonly string[] } => {
  const warnings: string[] = [];
  try {
    const loaded = loadEnvironment(process.env);
    warnings.push(...loaded.warnings, ...loaded.mistakes.map(({ what, fix }) => `.env: ${what}. ${fix}`));
    return { config: parseConfig(loaded.env), warnings };
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
