/** The answer to a chat client: frames of an event stream, or one whole completion. */
import type { Chunk } from '../../../gemini/call.ts';
import type { StreamEncoder } from '../../../http/respond.ts';
import { openAiErrorJson } from '../errors.ts';
import { createDeltaReader } from './deltas.ts';
import { gatherChoices } from './gather.ts';
import type { ChatReading } from './decode.ts';
import type { ToolCallNeeds } from './tool-calls.ts';
import type { ChoiceDelta, Usage } from './wire.ts';

export interface Reply extends ToolCallNeeds {
  /** `chatcmpl-…`, the same in every chunk. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** Told at the end, for the log. */
  readonly finished: (usage: Usage) => void;
}

export const createChatStream = (reply: Reply, reading: ChatReading): StreamEncoder<readonly Chunk[]> => {
  const deltas = createDeltaReader(reading, reply);
  // All but the choice is the same in every chunk: written once, it saves a good part of each.
  const head = `data: {${headMembers(reply, reading, 'chat.completion.chunk')},"choices":[`;
  const tail = reading.includeUsage ? '],"usage":null}\n\n' : ']}\n\n';

  const frames = (all: readonly ChoiceDelta[]): string => {
    let text = '';
    for (const { index, delta, logprobs, finish } of all) {
      const finished = finish ? `"${finish.reason}","native_finish_reason":${JSON.stringify(finish.native)}` : 'null';
      text +=
        `${head}{"index":${index},"delta":${JSON.stringify(delta)},` +
        `"logprobs":${logprobs ? JSON.stringify(logprobs) : 'null'},"finish_reason":${finished}}${tail}`;
    }
    return text;
  };

  return {
    contentType: 'text/event-stream; charset=utf-8',
    heartbeat: ': keep-alive\n\n',
    encode: (batch) => frames(deltas.read(batch)),
    end: () => {
      const text = frames(deltas.end());
      const usage = deltas.usage();
      reply.finished(usage);
      const last = reading.includeUsage ? `${head}],"usage":${JSON.stringify(usage)}}\n\n` : '';
      return `${text}${last}data: [DONE]\n\n`;
    },
    fail: (error) => `data: ${openAiErrorJson(error)}\n\n`,
    cutAfterFailure: false,
  };
};

/** The whole completion as JSON text. Throws where the answer is none: never half an answer with status 200. */
export const gatherChat = async (
  source: AsyncIterable<readonly Chunk[]>,
  reply: Reply,
  reading: ChatReading,
): Promise<string> => {
  const deltas = createDeltaReader(reading, reply);
  const all: ChoiceDelta[] = [];
  for await (const batch of source) for (const delta of deltas.read(batch)) all.push(delta);
  for (const delta of deltas.end()) all.push(delta);
  const choices = JSON.stringify(gatherChoices(all));
  const usage = deltas.usage();
  reply.finished(usage);
  return `{${headMembers(reply, reading, 'chat.completion')},"choices":${choices},"usage":${JSON.stringify(usage)}}`;
};

const headMembers = ({ id, createdAt }: Reply, { resolved }: ChatReading, object: string): string =>
  `"id":${JSON.stringify(id)},"object":"${object}","created":${createdAt},"model":${JSON.stringify(resolved.requested)}`;
