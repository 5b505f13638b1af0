/** The answer to a chat client: frames of an event stream, or one whole completion. */
import { AnswerReader } from '../../../conversation/answer-reader.ts';
import type { CallNeeds } from '../../../conversation/calls.ts';
import type { Answer, Chunk } from '../../../gemini/call.ts';
import { EVENT_STREAM } from '../../../http/respond.ts';
import type { StreamEncoder } from '../../../http/stream.ts';
import { openAiErrorJson } from '../errors.ts';
import { heartbeat } from '../heartbeat.ts';
import type { ChatReading } from './decode.ts';
import { Frames } from './frames.ts';
import { GatheredAnswer } from './gather.ts';
import type { WholeChoice } from './gather.ts';
import { quote } from './quote.ts';
import { toUsage } from './usage.ts';

export interface CompletionHead extends CallNeeds {
  /** `chatcmpl-…`, the same in every chunk. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

export const createChatStream = (reply: CompletionHead, reading: ChatReading): StreamEncoder<readonly Chunk[]> => {
  // All but the choice is the same in every chunk: written once, it saves a good part of each.
  const head = `data: {${headMembers(reply, reading, 'chat.completion.chunk')},"choices":[`;
  const tail = reading.includeUsage ? '],"usage":null}\n\n' : ']}\n\n';
  const frames = new Frames(reading, head, tail);
  const reader = new AnswerReader(reading, reply, frames);

  return {
    contentType: EVENT_STREAM,
    heartbeat,
    encode: (batch) => {
      reader.read(batch);
      reader.settle();
      return frames.taken();
    },
    end: () => {
      reader.end();
      const last = reading.includeUsage ? `${head}],"usage":${JSON.stringify(toUsage(reader.tokens()))}}\n\n` : '';
      return `${frames.taken()}${last}data: [DONE]\n\n`;
    },
    fail: (error) => `data: ${openAiErrorJson(error)}\n\n`,
    cutAfterFailure: false,
  };
};

/** The whole completion as JSON text. Throws where the answer is none: never half an answer with status 200. */
export const gatherChat = (answer: Answer, reply: CompletionHead, reading: ChatReading): string | Promise<string> => {
  const gathered = new GatheredAnswer(reading);
  const reader = new AnswerReader(reading, reply, gathered);
  const write = (): string => {
    reader.end();
    const choices = gathered.choices().map(writeChoice).join(',');
    const usage = toUsage(reader.tokens());
    return `{${headMembers(reply, reading, 'chat.completion')},"choices":[${choices}],"usage":${JSON.stringify(usage)}}`;
  };
  const arriving = reader.readAll(answer);
  return arriving ? arriving.then(write) : write();
};

/** By hand, as the frames are: an object of all this would be made only to be written. */
const writeChoice = (choice: WholeChoice): string => {
  const { content, reasoning, refusal, toolCalls, functionCall, images, annotations, extra, tokens, finish } = choice;
  const isSilent = content === '' && (toolCalls.length > 0 || functionCall !== undefined || refusal !== undefined);
  let message = `"role":"assistant","content":${isSilent ? 'null' : JSON.stringify(content)}`;
  message += `,"refusal":${refusal === undefined ? 'null' : JSON.stringify(refusal)}`;
  if (reasoning !== '') message += `,"reasoning_content":${JSON.stringify(reasoning)}`;
  if (toolCalls.length > 0) message += `,"tool_calls":${JSON.stringify(toolCalls)}`;
  if (functionCall) message += `,"function_call":${JSON.stringify(functionCall)}`;
  if (images.length > 0) message += `,"images":${JSON.stringify(images)}`;
  if (annotations.length > 0) message += `,"annotations":${JSON.stringify(annotations)}`;
  if (extra) message += `,"extra_content":${JSON.stringify(extra)}`;
  const logprobs = tokens.length > 0 ? `{"content":${JSON.stringify(tokens)},"refusal":null}` : 'null';
  return (
    `{"index":${choice.index},"message":{${message}},"logprobs":${logprobs},` +
    `"finish_reason":"${finish.reason}","native_finish_reason":${quote(finish.native)}}`
  );
};

const headMembers = ({ id, createdAt }: CompletionHead, { resolved }: ChatReading, object: string): string =>
  `"id":"${id}","object":"${object}","created":${createdAt},"model":${quote(resolved.requested)}`;
