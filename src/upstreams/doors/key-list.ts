/** All API keys: of the variables, and of a file that is read again when it changes. */
import { readFile, stat } from 'node:fs/promises';
import { DEFAULT_LABEL, joinApiKeys, readApiKeysFile } from '../../config/api-keys.ts';
import type { ApiKey, ReadApiKeys } from '../../config/api-keys.ts';
import { codeOf, whyUnread } from '../../errors/errno.ts';
import type { System } from '../../system.ts';

export interface OpenKeyList {
  readonly keys: readonly ApiKey[];
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface KeyListSettings {
  readonly geminiApiKey: string | undefined;
  readonly apiKeys: readonly ApiKey[];
  readonly apiKeysFile: string | undefined;
}

export interface KeyListNeeds {
  readonly system: Pick<System, 'sleep'>;
  readonly log: { info(message: string, fields?: object): void; warn(message: string, fields?: object): void };
  /** Told of each text that no output may show, before anything is said of it. */
  readonly hide: (secrets: readonly string[]) => void;
  /** For tests: how the file is read. */
  readonly readText?: ReadText;
}

type ReadText = (path: string) => Promise<string>;

const POLL_MS = 2000;

/** Undefined where there is no list: then GEMINI_API_KEY is the door. */
export const openKeyList = async (settings: KeyListSettings, needs: KeyListNeeds): Promise<OpenKeyList | undefined> => {
  const { geminiApiKey, apiKeys, apiKeysFile: path } = settings;
  if (apiKeys.length === 0 && path === undefined) return undefined;
  const { system, log, hide, readText = (file: string) => readFile(file, 'utf8') } = needs;
  const own = geminiApiKey === undefined ? [] : [{ label: DEFAULT_LABEL, key: geminiApiKey }];
  const listeners = new Set<() => void>();
  const closing = new AbortController();
  let keys = joinApiKeys(own, apiKeys).keys;
  let seen: string | undefined;
  let told: string | undefined;

  const warn = (problem: string): void => {
    if (problem !== told) log.warn('GEMINI_API_KEYS_FILE cannot be used', { problem });
    told = problem;
  };

  /** A file that cannot be used changes nothing: half a list would close the doors of the other half. */
  const look = async (file: string): Promise<void> => {
    const mark = await markOf(file);
    if (mark === seen) return;
    let read: ReadApiKeys;
    try {
      read = readApiKeysFile(await readText(file));
    } catch (error) {
      // It says nothing of what the file holds, and may pass: it is read again at the next look.
      warn(problemOf(file, codeOf(error)));
      return;
    }
    seen = mark;
    hide(read.keys.map(({ key }) => key));
    const joined = joinApiKeys(own, apiKeys, read.keys);
    const [problem] = [...read.problems, ...joined.problems];
    if (problem !== undefined) {
      warn(problem);
      return;
    }
    told = undefined;
    keys = joined.keys;
    log.info('API keys read', { keys: keys.length });
    for (const listener of listeners) listener();
  };

  const watch = async (file: string): Promise<void> => {
    for (;;) {
      await system.sleep(POLL_MS, closing.signal);
      await look(file);
    }
  };

  if (path !== undefined) await look(path);
  const watching = path === undefined ? undefined : watch(path).catch(() => undefined);
  return {
    get keys() {
      return keys;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      closing.abort();
      await watching;
    },
  };
};

const markOf = async (path: string): Promise<string> => {
  const found = await stat(path, { bigint: true }).catch((error: unknown) => codeOf(error));
  return typeof found === 'string' ? found : `${found.ino} ${found.size} ${found.mtimeNs}`;
};

const problemOf = (path: string, code: string): string => {
  if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no ${path}`;
  return code === 'EISDIR' ? `${path} is a folder` : `${path} ${whyUnread(code)}`;
};
