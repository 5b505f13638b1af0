/**
 * Long strings that are not told apart quickly. Of more than 16,383 letters the engine takes the length for the hash, so
 * that of thousands of one length, used as keys, each is compared with each: half a minute for 64 MiB that begin alike.
 */
import { hash } from 'node:crypto';

/** Of this length on. */
export const SLOW_KEY = 16_384;
const MOST_ALIKE = 32;
const BEGINNING = 256;
const LONGEST_LOOKED = 256 * 1024;

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
    // To look into a longer one takes its time, and nobody sends the same again and again.
    const isLooked = text.length <= LONGEST_LOOKED;
    const key = isLooked ? `${text.length} ${text.slice(0, BEGINNING)}` : String(text.length);
    const digests = this.#seen.get(key) ?? new Set();
    this.#seen.set(key, digests.add(isLooked ? hash('sha256', text) : String(digests.size)));
    return digests.size > MOST_ALIKE;
  }
}
