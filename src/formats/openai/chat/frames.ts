import { quote } from './quote.ts';
import type { ChatReading } from './decode.ts';
import { Deltas } from './deltas.ts';
import type { ChoiceFinish, Delta, Logprobs, ToolCall } from './wire.ts';

/** The deltas of an answer as frames of an event stream. `head` and `tail`: around the choice, the same in every chunk. */
export class Frames extends Deltas {
  readonly #head: string;
  readonly #tail: string;
  readonly #unfinished: string;
  #all = '';
  /** The frame around a text is the same for a whole run of them: kept, it leaves three pieces to put together. */
  #textHead = '';
  readonly #textTail: string;
  #textIndex: number | undefined;
  #isThought = false;

  constructor(reading: Pick<ChatReading, 'legacyFunctions'>, head: string, tail: string) {
    super(reading);
    this.#head = `${head}{"index":`;
    this.#unfinished = `,"logprobs":null,"finish_reason":null}${tail}`;
    this.#textTail = `"}${this.#unfinished}`;
    this.#tail = `}${tail}`;
  }

  /** The frames since it was asked last. */
  taken(): string {
    const all = this.#all;
    this.#all = '';
    return all;
  }

  open(index: number): void {
    this.#all += `${this.#head}${index},"delta":{"role":"assistant","content":""}${this.#unfinished}`;
  }

  text(index: number, text: string, isPlain: boolean): void {
    this.#say(index, false, text, isPlain);
  }

  thought(index: number, text: string, isPlain: boolean): void {
    this.#say(index, true, text, isPlain);
  }

  protected toolCall(index: number, place: number, call: ToolCall): void {
    const members = JSON.stringify(call).slice(1, -1);
    this.#all += `${this.#head}${index},"delta":{"tool_calls":[{"index":${place},${members}}]}${this.#unfinished}`;
  }

  protected delta(index: number, delta: Delta): void {
    this.#all += `${this.#head}${index},"delta":${JSON.stringify(delta)}${this.#unfinished}`;
  }

  protected tokens(index: number, logprobs: Logprobs): void {
    this.#all +=
      `${this.#head}${index},"delta":{},"logprobs":${JSON.stringify(logprobs)},"finish_reason":null` + this.#tail;
  }

  protected end(index: number, { reason, native }: ChoiceFinish): void {
    this.#all +=
      `${this.#head}${index},"delta":{},"logprobs":null,` +
      `"finish_reason":"${reason}","native_finish_reason":${quote(native)}${this.#tail}`;
  }

  #say(index: number, isThought: boolean, text: string, isPlain: boolean): void {
    if (index !== this.#textIndex || isThought !== this.#isThought) this.#begin(index, isThought);
    this.#all += this.#textHead + (isPlain ? text : JSON.stringify(text).slice(1, -1)) + this.#textTail;
  }

  #begin(index: number, isThought: boolean): void {
    this.#textHead = `${this.#head}${index},"delta":{"${isThought ? 'reasoning_content' : 'content'}":"`;
    this.#textIndex = index;
    this.#isThought = isThought;
  }
}
