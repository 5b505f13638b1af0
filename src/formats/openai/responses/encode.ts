/** The answer to a Responses client: frames of an event stream, or one whole response. */
import { AnswerReader } from '../../../conversation/answer-reader.ts';
import type { CallNeeds } from '../../../conversation/calls.ts';
import { LONG_BYTES, turn } from '../../../engine/turns.ts';
import type { Answer, Chunk } from '../../../gemini/call.ts';
import { readUsage } from '../../../gemini/usage.ts';
import { EVENT_STREAM } from '../../../http/respond.ts';
import type { StreamEncoder } from '../../../http/stream.ts';
import { heartbeat } from '../heartbeat.ts';
import { CompactionWriter } from './compaction-writer.ts';
import { toFailure } from './failure.ts';
import { EventFrames } from './frames.ts';
import { ItemWriter, type Output, type OutputNeeds } from './output.ts';
import type { ResponsesReading } from './reading.ts';
import { inItsWords } from './words.ts';
import { writeResponse, type ResponseHead, type ResponseState } from './wire.ts';

export interface ResponsePlan extends ResponseHead, OutputNeeds {
  readonly calls: CallNeeds;
  /** Codex takes an `incomplete` for a failure, and asks again and again. */
  isCodex(): boolean;
  /** Takes the response as its client has it, once it is over, and its items by themselves. */
  keep(response: string, items: readonly string[]): void;
  /** Of a stream, however it has ended. */
  over(): void;
}

const BEGINNING: ResponseState = { status: 'in_progress', output: [], usage: undefined };

export interface ResponseStream extends StreamEncoder<readonly Chunk[]> {
  /** The response so far, in this state. */
  told(status: 'in_progress' | 'cancelled'): string;
}

/** Of a request that only gets things ready: complete, and empty. */
export const emptyResponse = (response: ResponseHead & Pick<ResponsePlan, 'keep'>): string => {
  const frames = new EventFrames();
  const state: ResponseState = { status: 'completed', output: [], usage: readUsage(undefined) };
  const beginning = `"response":${writeResponse(response, BEGINNING)}`;
  frames.send('response.created', beginning);
  frames.send('response.in_progress', beginning);
  const whole = writeResponse(response, state);
  response.keep(whole, state.output);
  frames.send('response.completed', `"response":${whole}`);
  return frames.taken();
};

export const createResponseStream = (plan: ResponsePlan, reading: ResponsesReading): ResponseStream => {
  const frames = new EventFrames();
  const output = createOutput(reading, plan, frames);
  const reader = new AnswerReader(reading, plan.calls, output);
  let isOpen = false;

  const open = (): void => {
    isOpen = true;
    const response = `"response":${writeResponse(plan, BEGINNING)}`;
    frames.send('response.created', response);
    frames.send('response.in_progress', response);
  };
  const close = (type: string, state: ResponseState): string => {
    const response = writeResponse(plan, state);
    plan.keep(response, state.output);
    frames.send(type, `"response":${response}`);
    return frames.taken();
  };

  return {
    contentType: EVENT_STREAM,
    heartbeat,
    encode: (batch) => {
      if (!isOpen) open();
      try {
        reader.read(batch);
      } catch (error) {
        return inItsWords(error);
      }
      reader.settle();
      output.settle();
      return frames.taken();
    },
    end: () => {
      if (!isOpen) open();
      reader.end();
      const state = endOf(output, reader);
      const type = state.status === 'incomplete' && !plan.isCodex() ? 'response.incomplete' : 'response.completed';
      return close(type, state);
    },
    fail: (error) => {
      if (!isOpen) open();
      const tokens = reader.tokens();
      const usage = tokens.total > 0 ? tokens : undefined;
      return close('response.failed', { ...toFailure(error), output: output.items, usage });
    },
    cutAfterFailure: false,
    over: () => {
      plan.over();
    },
    told: (status) => writeResponse(plan, { status, output: output.items, usage: undefined }),
  };
};

/** The whole response as JSON text. Throws where the answer is none: never half an answer with status 200. */
export const gatherResponse = (
  answer: Answer,
  plan: ResponsePlan,
  reading: ResponsesReading,
): string | Promise<string> => {
  const output = createOutput(reading, plan, undefined);
  const reader = new AnswerReader(reading, plan.calls, output);
  const write = (): string => {
    reader.end();
    const state = endOf(output, reader);
    const response = writeResponse(plan, state);
    plan.keep(response, state.output);
    return response;
  };
  try {
    // To put a long one together, and to keep it, is a stretch by itself.
    const arriving = reader.readAll(answer) ?? (output.keptBytes > LONG_BYTES ? turn() : undefined);
    return arriving ? arriving.then(write, inItsWords) : write();
  } catch (error) {
    return inItsWords(error);
  }
};

const createOutput = (reading: ResponsesReading, needs: OutputNeeds, frames: EventFrames | undefined): Output =>
  reading.compacts ? new CompactionWriter(needs, frames) : new ItemWriter(reading, needs, frames);

const endOf = ({ ending, items }: Output, reader: AnswerReader): ResponseState => {
  const incomplete = ending === 'length' ? 'max_output_tokens' : ending === 'filtered' ? 'content_filter' : undefined;
  return {
    status: incomplete === undefined ? 'completed' : 'incomplete',
    output: items,
    usage: reader.tokens(),
    incomplete,
  };
};
