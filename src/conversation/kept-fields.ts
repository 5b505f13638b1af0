import type { KeptField } from '../gemini/call.ts';

/** The fields of a client's request that name what Google keeps, and what to do where that is not there. */
export class KeptFields {
  /** Of files: each API has its own way of sending one anew. */
  readonly fileFix: string;
  #all: Map<string, KeptField> | undefined;

  constructor(fileFix: string) {
    this.fileFix = fileFix;
  }

  /** The first of several fields that name the same. */
  note(name: string, param: string, fix = this.fileFix): void {
    this.#all ??= new Map();
    if (!this.#all.has(name)) this.#all.set(name, { param, fix });
  }

  /** By Google's name; undefined where there are none. */
  get all(): ReadonlyMap<string, KeptField> | undefined {
    return this.#all;
  }
}
