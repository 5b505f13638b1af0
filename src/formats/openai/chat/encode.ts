/** The answer to a chat client: frames of an event stream, or one whole completion. */
import type { Answer, Chunk } from '../../../gemini/call.ts';
import { keepAlive } from '../../../http/respond.ts';
import type { StreamEncoder } from '../../../http/respond.ts';
import { openAiErrorJson } from '../errors.ts';
import { readDeltas } from './deltas.ts';
import { GatheredAnswer } from './gather.ts';
import type { WholeChoice } from './gather.ts';
import type { ChatReading } from './decode.ts';
import type { CallNeeds } from '../../../conversation/calls.ts';
import { toUsage } from './usage.ts';
import type { DeltaSink, TextMember } from './wire.ts';

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
  const frames = createFrames(head, tail);
  const deltas = readDeltas(reading, reply, frames);

  return {
    contentType: 'text/event-stream; charset=utf-8',
    heartbeat: keepAlive,
    encode: (batch) => {
      deltas.read(batch);
      deltas.settle();
      return frames.taken();
    },
    end: () => {
      deltas.end();
      const last = reading.includeUsage ? `${head}],"usage":${JSON.stringify(toUsage(deltas.tokens()))}}\n\n` : '';
      return `${frames.taken()}${last}data: [DONE]\n\n`;
    },
    fail: (error) => `data: ${openAiErrorJson(error)}\n\n`,
    cutAfterFailure: false,
  };
};

interface Frames extends DeltaSink {
  /** The frames since it was asked last. */
  taken(): string;
}

const createFrames = (head: string, tail: string): Frames => {
  let text = '';
  // The frame around a text is the same for a whole run of them: kept, it leaves three pieces to put together.
  let textHead = '';
  let textIndex: number | undefined;
  let textMember: TextMember | undefined;
  const textTail = `"},"logprobs":null,"finish_reason":null}${tail}`;

  return {
    open: (index) => {
      text +=
        `${head}{"index":${index},"delta":{"role":"assistant","content":""},` +
        `"logprobs":null,"finish_reason":null}${tail}`;
    },
    text: (index, member, more, isPlain) => {
      if (index !== textIndex || member !== textMember) {
        textHead = `${head}{"index":${index},"delta":{"${member}":"`;
        textIndex = index;
        textMember = member;
      }
      text += textHead + (isPlain ? more : JSON.stringify(more).slice(1, -1)) + textTail;
    },
    call: (index, place, call) => {
      const members = JSON.stringify(call).slice(1, -1);
      text +=
        `${head}{"index":${index},"delta":{"tool_calls":[{"index":${place},${members}}]},` +
        `"logprobs":null,"finish_reason":null}${tail}`;
    },
    other: ({ index, delta, logprobs, finish }) => {
      const finished = finish ? `"${finish.reason}","native_finish_reason":${quote(finish.native)}` : 'null';
      text +=
        `${head}{"index":${index},"delta":${JSON.stringify(delta)},` +
        `"logprobs":${logprobs ? JSON.stringify(logprobs) : 'null'},"finish_reason":${finished}}${tail}`;
    },
    taken: () => {
      const all = text;
      text = '';
      return all;
    },
  };
};

/** The whole completion as JSON text. Throws where the answer is none: never half an answer with status 200. */
export const gatherChat = (answer: Answer, reply: CompletionHead, reading: ChatReading): string | Promise<string> => {
  const gathered = new GatheredAnswer();
  const deltas = readDeltas(reading, reply, gathered);
  const write = (): string => {
    deltas.end();
    const choices = gathered.choices().map(writeChoice).join(',');
    const usage = toUsage(deltas.tokens());
    return `{${headMembers(reply, reading, 'chat.completion')},"choices":[${choices}],"usage":${JSON.stringify(usage)}}`;
  };
  const arriving = deltas.readAll(answer);
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
  `"id":${quote(id)},"object":"${object}","created":${createdAt},"model":${quote(resolved.requested)}`;

/** Ids and names of models need no escape, and to ask the engine for it takes longer than to look. */
const quote = (word: string): string => (PLAIN_WORD.test(word) ? `"${word}"` : JSON.stringify(word));

const PLAIN_WORD = /^[\w./:-]*$/;
