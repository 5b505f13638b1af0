import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from '../config.ts';
import type { Environment } from '../config.ts';

export interface LoadedEnvironment {
  readonly env: Environment;
  /** The file that was read, if there was one. */
  readonly file: string | undefined;
  readonly warnings: readonly string[];
}

/** The environment and what `.env` adds to it; what is set already wins. Throws ConfigError for a `.env` one cannot read. */
export const loadEnvironment = (env: Environment, path = '.env'): LoadedEnvironment => {
  const text = readEnvFile(path);
  if (text === undefined) return { env, file: undefined, warnings: misplaced(path) };
  return { env: { ...parseEnvText(text), ...env }, file: path, warnings: [] };
};

/** Node's own reading, and JSON values as people write them: in any quotes or none, over several lines. */
export const parseEnvText = (text: string): Record<string, string> => {
  const objects: Record<string, string> = {};
  let rest = '';
  let at = 0;
  for (const line of text.matchAll(JSON_LINE)) {
    const [whole, name = '', quote = ''] = line;
    const start = line.index + whole.length - 1;
    if (start < at) continue;
    const found = readJson(text.slice(start), quote);
    if (!found) continue;
    objects[name] = found.json;
    // Node's reader gets the text without it: lines inside an object are no variables.
    rest += text.slice(at, start);
    at = start + found.length;
  }
  return { ...(parseEnv(rest + text.slice(at)) as Record<string, string>), ...objects };
};

/** A line that gives a variable a value which begins like a JSON object. */
const JSON_LINE = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(["'`]?)\s*\{/gm;

/** The JSON object that begins this text, and how much of the text it takes; undefined where it is none. */
const readJson = (text: string, quote: string): { readonly json: string; readonly length: number } | undefined => {
  // Within double quotes some write every inner one as \".
  const escaped = quote === '"' && /^\{\s*\\"/.test(text.slice(0, 100));
  const source = escaped ? text.replaceAll('\\"', '"') : text;
  const end = endOfObject(source);
  const json = source.slice(0, end);
  if (end === -1 || !isJson(json)) return undefined;
  return { json, length: escaped ? json.replaceAll('"', '\\"').length : end };
};

/** Behind the brace that closes the first one; braces in strings do not count. */
const endOfObject = (text: string): number => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const MAX_BYTES = 1024 * 1024;

const readEnvFile = (path: string): string | undefined => {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      throw new ConfigError([`${path} is a directory, but should be a file with lines like PORT=8888. Remove it.`]);
    }
    if (!stat.isFile() || stat.size > MAX_BYTES) {
      throw new ConfigError([
        `${path} is no ordinary file of less than 1 MiB. Replace it by a text file, or remove it.`,
      ]);
    }
    return decode(readFileSync(path));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT') return undefined;
    throw new ConfigError([`${path} cannot be read (${code}). Make it readable: chmod 600 ${path}`]);
  }
};

/** Windows editors and shells write byte order marks, and UTF-16. */
const decode = (bytes: Buffer): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  return bytes.toString('utf8').replace(/^\ufeff/, '');
};

/** Where people put the file by mistake. */
const misplaced = (path: string): string[] => {
  const names = ['.env.txt', 'env', 'env.txt', '.env.local', join('src', '.env'), join('..', '.env')];
  const found = names.map((name) => join(dirname(path), name)).find((name) => existsSync(name));
  return found === undefined ? [] : [`there is no ${path} here, but a ${found}: only ${path} is read`];
};
