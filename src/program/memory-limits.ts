/** How much memory bodies may take, by what this process may take itself. */
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

export interface MemoryLimits {
  /** Bodies as they arrive: outside of the engine's heap. */
  readonly maxBodiesBytes: number;
  /** What is made of them, most of it in the heap. */
  readonly maxWorkBytes: number;
  /** Of answers, until their readers take them. */
  readonly maxUnreadBytes: number;
}

export interface ProcessMemory {
  /** What the engine's heap may grow to. */
  readonly heapBytes: number;
  /** What the machine has, or what the container may take of it. */
  readonly allBytes: number;
}

const MIB = 1024 * 1024;
/** More at one time brings nothing: the work on them is done one after another. */
const MOST_BODIES_BYTES = 512 * MIB;
const MOST_UNREAD_BYTES = 256 * MIB;
/** Of what the heap may grow to: of much of it the text lies there, too. */
const SHARE_OF_UNREAD = 1 / 8;
/** Of the heap, for the relay itself, answers, and bodies so small that nobody counts them. */
const OWN_HEAP_BYTES = 128 * MIB;
/** In a small heap they come out of it, too. */
const OWN_SHARE = 1 / 4;

/** A body of `maxBodyBytes` may always arrive; whether there is room to work on it is told when it has. */
export const memoryLimits = (maxBodyBytes: number, { heapBytes, allBytes } = processMemory()): MemoryLimits => ({
  // What the heap leaves of the container's memory; as much again for what is on its way to Google.
  maxBodiesBytes: Math.max(maxBodyBytes, Math.min(MOST_BODIES_BYTES, (allBytes - heapBytes) / 2)),
  maxWorkBytes: heapBytes - Math.min(OWN_HEAP_BYTES, heapBytes * OWN_SHARE),
  maxUnreadBytes: Math.min(MOST_UNREAD_BYTES, SHARE_OF_UNREAD * heapBytes),
});

const processMemory = (): ProcessMemory => ({
  heapBytes: getHeapStatistics().heap_size_limit,
  // Where nothing limits the process the system says a number beyond all memory, or 0.
  allBytes: Math.min(totalmem(), process.constrainedMemory() || Infinity),
});
