/** A response that is over, in as little room as it takes, and as its client has it when somebody comes back to it. */
import { createMemo } from '../../../engine/memo.ts';
import { ownBytes, type KeptText } from './kept.ts';
import { responseJson, type ResponseHead, type ResponseState } from './wire.ts';

export class KeptResponse implements KeptText {
  readonly #id: string;
  readonly #createdAt: number;
  readonly #tier: string;
  readonly #endedAt: number;
  readonly #echo: KeptText;
  readonly #state: Omit<ResponseState, 'output'>;
  /** The items, as they stand in the response. */
  readonly #output: Buffer;

  constructor({ id, createdAt, echo, tier, now }: ResponseHead, { output, ...state }: ResponseState) {
    this.#id = id;
    this.#createdAt = createdAt;
    this.#tier = tier();
    this.#endedAt = now();
    this.#echo = keptEcho(echo);
    this.#state = state;
    this.#output = ownBytes(output.join(','));
  }

  get length(): number {
    return OTHER_BYTES + this.#echo.length + this.#output.length;
  }

  toString(): string {
    const head: ResponseHead = {
      id: this.#id,
      createdAt: this.#createdAt,
      echo: this.#echo.toString(),
      tier: () => this.#tier,
      now: () => this.#endedAt,
    };
    return responseJson(head, { ...this.#state, output: [this.#output.toString()] });
  }
}

/** Of what stands around echo and items. */
const OTHER_BYTES = 400;

/** Requests of one client say the same of themselves again and again: one text for all their answers. */
const keptEcho = (echo: string): KeptText =>
  echo.length > LONGEST_SHARED ? ownBytes(echo) : (ECHOES.find(echo) ?? ECHOES.keep(echo, echo));

const LONGEST_SHARED = 4096;
const ECHOES = createMemo<string>(256, LONGEST_SHARED);
