/**
 * Long strings that are not told apart quickly. Of more than 16,383 letters the engine takes the length for the hash, so
 * that of thousands of one length, used as keys, each is compared with each: half a minute for 64 MiB that begin alike.
 */
import { hash } from 'node:crypto';

/** Of this length on. */
export const SLOW_KEY = 16_384;
const MOST_ALIKE = 32;
const BEGINNING = 256;

/** What these members hold is text or data, which nobody uses as a key. */
const CONTENT: ReadonlySet<string> = new Set([
  ...['text', 'content', 'data', 'file_data', 'input', 'output', 'arguments', 'prompt', 'thinking', 'signature'],
  ...['thoughtSignature', 'thought_signature', 'encrypted_content', 'description', 'instructions', 'system'],
]);

export class AlikeStrings {
  /** By length and beginning, the digests of those that were seen. */
  readonly #seen = new Map<string, Set<string>>();

  /** Whether there are too many with this one. `name`: of the member. */
  areTooMany(name: string, text: string): boolean {
    if (CONTENT.has(name)) return false;
    const key = `${text.length} ${text.slice(0, BEGINNING)}`;
    const digests = this.#seen.get(key) ?? new Set();
    this.#seen.set(key, digests.add(hash('sha256', text)));
    return digests.size > MOST_ALIKE;
  }
}
