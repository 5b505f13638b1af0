/** The answer to a client of Anthropic's API: frames of an event stream, or one whole message. */
import { AnswerReader } from '../../../conversation/answer-reader.ts';
import type { CallNeeds } from '../../../conversation/calls.ts';
import { RelayError } from '../../../errors.ts';
import type { Answer, Chunk } from '../../../gemini/call.ts';
import type { TokenUsage } from '../../../gemini/usage.ts';
import { EVENT_STREAM } from '../../../http/respond.ts';
import type { StreamEncoder } from '../../../http/stream.ts';
import { anthropicErrorJson } from '../errors.ts';
import { BlockWriter, type BlockNeeds, type Ending } from './block-writer.ts';
import type { MessagesReading } from './decode.ts';
import { BlockFrames, frame, PING } from './frames.ts';
import { BlockGathering } from './gather.ts';

export interface MessageHead extends CallNeeds, BlockNeeds {
  /** `msg_…`: Claude Code takes two answers of one id for one. */
  readonly id: string;
  readonly requestId: string;
}

export const createMessageStream = (reply: MessageHead, reading: MessagesReading): StreamEncoder<readonly Chunk[]> => {
  const frames = new BlockFrames();
  const writer = new BlockWriter(reading, frames, reply);
  const reader = new AnswerReader(reading, reply, writer);
  let isOpen = false;
  let refusal: string | undefined;

  const opened = (text: string): string => {
    if (isOpen) return text;
    isOpen = true;
    // What came out so far is told at the end alone: LangChain adds the two.
    const usage = usageJson({ ...reader.tokens(), output: 0, thoughts: 0 }, 0);
    const message = `{${headMembers(reply, reading)},"content":[],${NO_END},"usage":${usage}}`;
    return `${frame('message_start', `"message":${message}`)}${PING}${text}`;
  };

  return {
    contentType: EVENT_STREAM,
    // Nothing may stand before the beginning of the message.
    heartbeat: () => (isOpen ? PING : opened('')),
    encode: (batch) => {
      try {
        reader.read(batch);
      } catch (error) {
        refusal = refusalIn(error);
      }
      reader.settle();
      return opened(frames.taken());
    },
    end: () => {
      if (refusal === undefined) reader.end();
      else writer.refuse(refusal);
      const { ending, searches } = writer;
      const members = `"delta":{"container":null,${endMembers(ending)}},"usage":{${countMembers(reader.tokens(), searches)}}`;
      return `${opened(frames.taken())}${frame('message_delta', members)}${frame('message_stop', '')}`;
    },
    fail: (error) => `event: error\ndata: ${anthropicErrorJson(error, reply.requestId)}\n\n`,
    cutAfterFailure: false,
  };
};

/** The whole message as JSON text. Throws where the answer is none: never half an answer with status 200. */
export const gatherMessage = (
  answer: Answer,
  reply: MessageHead,
  reading: MessagesReading,
): string | Promise<string> => {
  const gathering = new BlockGathering();
  const writer = new BlockWriter(reading, gathering, reply);
  const reader = new AnswerReader(reading, reply, writer);
  const write = (): string => {
    const content = gathering.blocks.join(',');
    const usage = usageJson(reader.tokens(), writer.searches);
    return `{${headMembers(reply, reading)},"content":[${content}],${endMembers(writer.ending)},"usage":${usage}}`;
  };
  const end = (): string => {
    reader.end();
    return write();
  };
  const refuse = (error: unknown): string => {
    writer.refuse(refusalIn(error));
    return write();
  };
  try {
    const arriving = reader.readAll(answer);
    return arriving ? arriving.then(end, refuse) : end();
  } catch (error) {
    return refuse(error);
  }
};

/** A prompt that Google does not answer ends a message, as at Anthropic; anything else is thrown again. */
const refusalIn = (error: unknown): string => {
  if (error instanceof RelayError && error.reason === 'content_filter') return error.message;
  throw error;
};

/** What the SDKs' types have in each message and is nothing here stands there as null: their users test for that alone. */
const headMembers = ({ id }: MessageHead, { resolved }: MessagesReading): string =>
  `"id":"${id}","type":"message","role":"assistant","model":${JSON.stringify(resolved.requested)},` +
  '"container":null,"diagnostics":null';

const NO_END = '"stop_reason":null,"stop_sequence":null,"stop_details":null';

const endMembers = ({ reason, sequence, explanation }: Ending): string => {
  const details =
    reason === 'refusal'
      ? JSON.stringify({ type: 'refusal', category: null, explanation: explanation ?? null })
      : 'null';
  return (
    `"stop_reason":"${reason}","stop_sequence":${sequence === undefined ? 'null' : JSON.stringify(sequence)},` +
    `"stop_details":${details}`
  );
};

/** All of it, as it stands in a message; Google says of none which tier, speed or place served it. */
const usageJson = (tokens: TokenUsage, searches: number): string =>
  `{${countMembers(tokens, searches)},"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},` +
  '"service_tier":null,"speed":null,"inference_geo":null}';

/** What is cached is counted apart; thoughts are part of the output, and told besides. */
const countMembers = ({ input, cached, output, thoughts }: TokenUsage, searches: number): string => {
  const ofServer = searches > 0 ? `{"web_search_requests":${searches},"web_fetch_requests":0}` : 'null';
  return (
    `"input_tokens":${Math.max(0, input - cached)},"cache_creation_input_tokens":0,` +
    `"cache_read_input_tokens":${cached},"output_tokens":${output},` +
    `"output_tokens_details":{"thinking_tokens":${thoughts}},"server_tool_use":${ofServer}`
  );
};
