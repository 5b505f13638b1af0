/** What the Gemini API keeps for projects. Another project's key finds nothing of it. */
import { randomBytes } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { Project } from '../api-keys.ts';
import type { Fields } from '../values.ts';

/** Things of one kind by their names, in the order in which they were made. */
export class Shelf<Thing extends { readonly project: Project }> {
  readonly #things = new Map<string, Thing>();

  put(name: string, thing: Thing): void {
    this.#things.set(name, thing);
  }

  /** Whoever's it is. */
  has(name: string): boolean {
    return this.#things.has(name);
  }

  find(name: string, project: Project): Thing | undefined {
    const thing = this.#things.get(name);
    return thing?.project === project ? thing : undefined;
  }

  list(project: Project): readonly Thing[] {
    return [...this.#things.values()].filter((thing) => thing.project === project).reverse();
  }

  remove(name: string): void {
    this.#things.delete(name);
  }

  clear(): void {
    this.#things.clear();
  }
}

export interface KeptFile {
  readonly project: Project;
  /** As Google shows it; `state` changes with time. */
  fields: Fields;
  /** Of a generated file: it can be downloaded. */
  readonly content?: { readonly piece: Buffer; readonly sizeBytes: number } | undefined;
  /** How often it is still looked at before it is ready. */
  pending: number;
}

export interface KeptThing {
  readonly project: Project;
  fields: Fields;
  pending: number;
  /** What it shows once it is done. */
  readonly outcome?: () => Fields;
}

export interface UploadSession {
  readonly project: Project;
  readonly metadata: Fields;
  readonly mimeType: string;
  readonly lengthBytes: number | undefined;
  receivedBytes: number;
  readonly hash: Hash;
  status: 'active' | 'final' | 'cancelled';
}

export interface Kept {
  readonly files: Shelf<KeptFile>;
  readonly uploads: Shelf<UploadSession>;
  readonly caches: Shelf<KeptThing>;
  readonly vertexCaches: Shelf<KeptThing>;
  readonly batches: Shelf<KeptThing>;
  readonly operations: Shelf<KeptThing>;
  readonly interactions: Shelf<KeptThing>;
  clear(): void;
}

export const createKept = (): Kept => {
  const shelves = {
    files: new Shelf<KeptFile>(),
    uploads: new Shelf<UploadSession>(),
    caches: new Shelf<KeptThing>(),
    vertexCaches: new Shelf<KeptThing>(),
    batches: new Shelf<KeptThing>(),
    operations: new Shelf<KeptThing>(),
    interactions: new Shelf<KeptThing>(),
  };
  return {
    ...shelves,
    clear: () => {
      for (const shelf of Object.values(shelves)) shelf.clear();
    },
  };
};

/** Letters and digits as Google makes names of them. */
export const newId = (length = 12): string =>
  BigInt(`0x${randomBytes(length).toString('hex')}`)
    .toString(36)
    .slice(0, length)
    .padStart(length, '0');

export const timeAfter = (now: number, ms: number): string => new Date(now + ms).toISOString();
