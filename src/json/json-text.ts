import { RawJson } from './raw-json.ts';

/**
 * A long string of a large body in which JSON is expected, looked through while the body was read. Whoever writes it
 * writes the string again; whoever wants what is in it need not read it a second time.
 */
export class JsonText {
  readonly holds: Held;
  /** Private, so that nobody who looks through a value goes through its bytes. */
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, holds: Held) {
    this.#bytes = bytes;
    this.holds = holds;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** For what is JSON. */
  get json(): RawJson {
    return new RawJson(this.#bytes);
  }

  toJSON(): string {
    return this.#bytes.toString();
  }
}

/** `nothing`: it is no JSON. */
export type Held = 'object' | 'value' | 'nothing';
