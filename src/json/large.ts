/**
 * A large body, read in its bytes with turns of the event loop in between. The engine's own reader takes a body at one
 * stretch: a second for 64 MiB of escapes, in which nobody else is served.
 */
import { LargeReader } from './large-reader.ts';
import { ValueCount, type LargeOptions } from './large-limits.ts';
import type { WrittenStrings } from './large-strings.ts';
import { createPace } from './pace.ts';

export interface LargeJson {
  readonly value: unknown;
  readonly written: WrittenStrings;
  /** Something in it still lies in the bytes that it was read from. */
  readonly holdsBytes: boolean;
}

/** Throws JsonError. The bytes are UTF-8, and change only where halves of surrogate pairs stand alone. */
export const readLarge = async (bytes: Buffer, options: LargeOptions): Promise<LargeJson> => {
  const reader = new LargeReader(bytes, options, createPace(), new ValueCount(options));
  const value = await reader.read();
  return { value, written: reader.strings.written, holdsBytes: reader.strings.areHeld };
};
