/** Several API keys, as one writes them: separated by commas, one a line, or a JSON list; each `KEY` or `LABEL=KEY`. */
import { hash } from 'node:crypto';

export interface ApiKey {
  /** Names the key everywhere; its text never does. */
  readonly label: string;
  readonly key: string;
}

export interface ReadApiKeys {
  readonly keys: readonly ApiKey[];
  /** One sentence each, without any of the text: it may be a key. */
  readonly problems: readonly string[];
}

/** What GEMINI_API_KEY is called beside others. */
export const DEFAULT_LABEL = 'default';

/** The same key twice is one; the same label twice is a mistake. */
export const readApiKeys = (written: string): ReadApiKeys => {
  const items = itemsOf(written.trim());
  if (!items) return { keys: [], problems: ['is no list that can be read: KEY or LABEL=KEY, separated by commas'] };
  const byLabel = new Map<string, ApiKey>();
  const byKey = new Map<string, ApiKey>();
  const problems: string[] = [];
  for (const [index, item] of items.entries()) {
    const place = `key ${index + 1}`;
    const read = readItem(item);
    if (typeof read === 'string') {
      problems.push(`${place} ${read}`);
      continue;
    }
    const { label, key } = read;
    const same = byKey.get(key);
    if (same && (label === undefined || label === same.label)) continue;
    if (same) problems.push(`${place}, ${label ?? ''}, is the same key as ${same.label}: one label for each`);
    else if (label !== undefined && byLabel.has(label)) problems.push(`${place}: the label ${label} is taken already`);
    else keep({ label: label ?? markOf(key), key }, byLabel, byKey);
  }
  return { keys: [...byLabel.values()], problems };
};

const MOST_BYTES = 4 * 1024 * 1024;

/** A file of them, which holds one at least. */
export const readApiKeysFile = (text: string): ReadApiKeys => {
  if (text.length > MOST_BYTES) return { keys: [], problems: ['it is larger than 4 MiB'] };
  const read = readApiKeys(text.replace(/^\ufeff/, ''));
  return read.keys.length === 0 && read.problems.length === 0 ? { keys: [], problems: ['it holds no key'] } : read;
};

/** Those of several places together. The first to name a key is heard. */
export const joinApiKeys = (...lists: readonly (readonly ApiKey[])[]): ReadApiKeys => {
  const byLabel = new Map<string, ApiKey>();
  const byKey = new Map<string, ApiKey>();
  const problems: string[] = [];
  for (const entry of lists.flat()) {
    if (byKey.has(entry.key)) continue;
    if (byLabel.has(entry.label)) problems.push(`the label ${entry.label} is taken already`);
    else keep(entry, byLabel, byKey);
  }
  return { keys: [...byLabel.values()], problems };
};

const keep = (entry: ApiKey, byLabel: Map<string, ApiKey>, byKey: Map<string, ApiKey>): void => {
  byLabel.set(entry.label, entry);
  byKey.set(entry.key, entry);
};

/** Undefined where it begins like JSON and is no list. */
const itemsOf = (written: string): readonly unknown[] | undefined => {
  if (/^[[{]/.test(written)) {
    try {
      const list: unknown = JSON.parse(written);
      return Array.isArray(list) ? list : undefined;
    } catch {
      return undefined;
    }
  }
  return written
    .split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => line.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');
};

const readItem = (item: unknown): { readonly label: string | undefined; readonly key: string } | string => {
  if (typeof item !== 'string') return 'is no text';
  if (isLabelAlone(item.trim())) return 'is a label without a key';
  // A "=" at the end is padding.
  const [, label, key = item.trim()] = /^([^=]*)=(.*[^=].*)$/s.exec(item.trim()) ?? [];
  if (label !== undefined && !LABEL.test(label.trim())) {
    return 'has a label of other characters than letters, digits, ".", "_" and "-", or of more than 64';
  }
  return KEY.test(key.trim())
    ? { label: label?.trim(), key: key.trim() }
    : 'holds a blank, a character that no HTTP header can carry, or nothing';
};

const LABEL = /^[\w.-]{1,64}$/;
const SHORT_AND_EMPTY = /^[^=]{0,19}=+$/;
/** Such a text may be base64 that is filled up to fours. */
const isLabelAlone = (text: string): boolean =>
  SHORT_AND_EMPTY.test(text) && (text.length < 8 || text.length % 4 !== 0);
const KEY = /^[\x21-\x7e]+$/;

/** A key without a label is named by its digest: its place in the list is another when keys come and go. */
const markOf = (key: string): string => hash('sha256', key).slice(0, MARK_LENGTH);

const MARK_LENGTH = 10;

/** All that may be a key in such a text, whether or not it can be read. */
export const apiKeysIn = (written: string): string[] =>
  written
    .split(/[\s,"'[\]]+/)
    .map((item) => item.slice(item.indexOf('=') + 1 || 0) || item)
    .filter((item) => item !== '');
