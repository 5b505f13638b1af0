import type { HoldAnswer } from '../gemini/call.ts';
import type { CallEvent } from '../gemini/events.ts';
import { findMember } from '../json/text.ts';
import type { AnswerReading } from './reading.ts';

/** A call as the client will bring it back: by these three its signature is found again. */
export interface ClientCall {
  readonly id: string;
  readonly name: string;
  /** JSON text as sent to the client. */
  readonly args: string;
}

/** A call of the model, in the client's own terms. */
export interface ModelCall extends ClientCall {
  /** Of a custom tool: the free text. */
  readonly input: string | undefined;
  readonly signature: string | undefined;
}

export interface CallNeeds {
  readonly newCallId: () => string;
  readonly remember: (call: ClientCall, signature: string) => void;
  readonly hold: HoldAnswer;
}

/** Of an id and its place among others. */
const ID_BYTES = 96;
/** What any client and any other vendor's API takes as an id; OpenAI's own limit is 40. */
const PLAIN_ID = /^[A-Za-z0-9_-]{1,40}$/;

/** One writer for a reply: ids are unique in all of it. */
export class CallWriter {
  readonly #reading: AnswerReading;
  readonly #needs: CallNeeds;
  readonly #taken = new Set<string>();

  constructor(reading: AnswerReading, needs: CallNeeds) {
    this.#reading = reading;
    this.#needs = needs;
  }

  get keptBytes(): number {
    return ID_BYTES * this.#taken.size;
  }

  write(call: CallEvent): ModelCall {
    const { names, wrappedTools, customTools } = this.#reading;
    const { signature } = call;
    const id = this.#idFor(call.id);
    const name = names.toClient(call.name);
    const args = wrappedTools.has(name) ? memberText(call.argsText, 'value') : call.argsText;
    const input = customTools.has(name) ? inputOf(args) : undefined;
    if (signature !== undefined) this.#needs.remember({ id, name, args }, signature);
    return { id, name, args, input, signature };
  }

  #idFor(wanted: string | undefined): string {
    const isFree = wanted !== undefined && PLAIN_ID.test(wanted) && !this.#taken.has(wanted);
    const id = isFree ? wanted : this.#needs.newCallId();
    this.#taken.add(id);
    return id;
  }
}

/** The text of a member; all of the arguments where the model left it out. */
const memberText = (argsText: string, name: string): string => {
  const span = findMember(argsText, name);
  return span ? argsText.slice(span.start, span.end) : argsText;
};

const inputOf = (args: string): string => {
  const input: unknown = JSON.parse(memberText(args, 'input'));
  return typeof input === 'string' ? input : args;
};
