import { RelayError } from '../../../errors.ts';
import type { MoreText } from '../../../gemini/call.ts';
import type { GeminiEvent } from '../../../gemini/events.ts';
import type { GroundingMetadata, Loose } from '../../../gemini/types.ts';
import { citationAnnotations, groundingAnnotations } from './annotations.ts';
import { createAnswerText } from './answer-text.ts';
import type { ChatReading } from './decode.ts';
import { createFenceStripper } from './fence.ts';
import { isFiltered, isMalformedCall, toFinishReason } from './finish-reason.ts';
import { toLogprobs } from './logprobs.ts';
import { codeBlock, isImage, resultBlock, toImage, toMarkdown } from './media.ts';
import type { ToolCallWriter } from './tool-calls.ts';
import { extraContent } from './wire.ts';
import type { Delta, DeltaSink, Logprobs, TextMember } from './wire.ts';

/** Events of one candidate. */
export type CandidateEvent = Exclude<GeminiEvent, { readonly kind: 'usage' | 'blocked' }>;

/** One choice of the answer. What it says goes to the sink as it comes; what is known only at the end, at the end. */
export interface Choice {
  readonly index: number;
  take(event: CandidateEvent): void;
  /** The same as the event of this text. */
  takeMore(more: MoreText): void;
  /** Throws where the candidate is no answer. Of all choices before any of them ends. */
  check(): void;
  end(): void;
}

export const createChoice = (
  index: number,
  reading: ChatReading,
  toolCalls: ToolCallWriter,
  sink: DeltaSink,
): Choice => {
  const content = createAnswerText();
  const fence = reading.stripFence ? createFenceStripper() : undefined;
  const mostCalls = reading.singleCall || reading.legacyFunctions ? 1 : Infinity;
  let opened = false;
  let calls = 0;
  let images = 0;
  let textSignature: string | undefined;
  let citations: Loose | undefined;
  let grounding: GroundingMetadata | undefined;
  let ending: { readonly reason: string; readonly message: string | undefined } | undefined;

  const open = (): void => {
    if (opened) return;
    opened = true;
    sink.open(index);
  };
  const send = (delta: Delta, logprobs?: Logprobs): void => {
    open();
    sink.other({ index, delta, logprobs });
  };
  const sendText = (member: TextMember, text: string, isPlain = false): void => {
    open();
    sink.text(index, member, text, isPlain);
  };
  const takeText = (text: string, partIndex: number, isPlain = false): void => {
    const visible = fence ? fence.push(text) : text;
    if (visible === '') return;
    const sent = content.text(visible, partIndex);
    sendText('content', sent, isPlain && sent === text);
  };
  const takeThought = (text: string, isPlain = false): void => {
    if (reading.showThoughts) sendText('reasoning_content', text, isPlain);
  };
  const sendCall = (event: Extract<CandidateEvent, { readonly kind: 'call' }>): void => {
    // The first call of a step carries the signature, so it is the one that stays.
    if (calls === mostCalls) return;
    const call = toolCalls.write(event);
    if (reading.legacyFunctions && call.type === 'function') {
      send({ function_call: call.function });
    } else {
      open();
      sink.call(index, calls, call);
    }
    calls += 1;
  };

  return {
    index,
    takeMore: ({ kind, text, partIndex, isPlain }) => {
      if (kind === 'text') takeText(text, partIndex, isPlain);
      else takeThought(text, isPlain);
    },
    take: (event) => {
      switch (event.kind) {
        case 'text':
          takeText(event.text, event.partIndex);
          break;
        case 'thought':
          takeThought(event.text);
          break;
        case 'call':
          sendCall(event);
          break;
        case 'blob':
          if (isImage(event) && reading.imagesAs === 'images') {
            send({ images: [toImage(event, images)] });
            images += 1;
          } else {
            sendText('content', content.block(toMarkdown(event)));
          }
          break;
        case 'code':
          sendText('content', content.block(codeBlock(event.language, event.code)));
          break;
        case 'codeResult':
          sendText('content', content.block(resultBlock(event.outcome, event.output)));
          break;
        case 'signature':
          textSignature = event.signature;
          break;
        case 'grounding':
          // In a stream the lists may come in different chunks.
          grounding = grounding ? { ...grounding, ...event.metadata } : event.metadata;
          break;
        case 'citation':
          citations = event.metadata;
          break;
        case 'logprobs':
          if (reading.logprobs) send({}, toLogprobs(event.result));
          break;
        case 'finish':
          ending = event;
          break;
      }
    },
    check: () => {
      if (!ending) throw incomplete();
      const usable = calls > 0 || images > 0 || !content.isEmpty();
      if (isMalformedCall(ending.reason) && !usable) throw malformedCall();
    },
    end: () => {
      const { reason, message } = ending ?? { reason: 'STOP', message: undefined };
      const rest = fence?.end() ?? '';
      if (rest !== '') sendText('content', content.text(rest, 0));
      if (grounding || citations) {
        const grounded = grounding ? groundingAnnotations(grounding, content) : [];
        const annotations = citations ? [...grounded, ...citationAnnotations(citations, content)] : grounded;
        if (annotations.length > 0) send({ annotations });
      }
      const silent = calls === 0 && images === 0 && content.isEmpty();
      if (isFiltered(reason) && silent) send({ refusal: message ?? `Response blocked (${reason})` });
      if (textSignature !== undefined) send(extraContent(textSignature));
      open();
      const finish = { reason: toFinishReason(reason, calls, reading.legacyFunctions), native: reason.toLowerCase() };
      sink.other({ index, delta: {}, finish });
    },
  };
};

const incomplete = (): RelayError =>
  new RelayError('UNAVAILABLE', 'The answer from Google ended before it was complete. Please try again.', {
    status: 502,
    reason: 'upstream_incomplete',
  });

const malformedCall = (): RelayError =>
  new RelayError(
    'UNAVAILABLE',
    'The model tried to call a function and failed to write the call. Try again, or simplify the schema of the tools.',
    { status: 502, reason: 'upstream_malformed_function_call' },
  );
