import { RelayError } from '../../../errors.ts';
import type { Chunk } from '../../../gemini/call.ts';
import { createEventReader } from '../../../gemini/events.ts';
import { createChoice } from './choice.ts';
import type { Choice } from './choice.ts';
import type { ChatReading } from './decode.ts';
import { createToolCallWriter } from './tool-calls.ts';
import type { ToolCallNeeds } from './tool-calls.ts';
import { toUsage } from './usage.ts';
import type { DeltaSink, Usage } from './wire.ts';

/**
 * The one way from Google's chunks to what a chat client is told. A streamed reply writes these deltas as they come, a
 * whole one puts them together, so the two cannot disagree.
 */
export interface DeltaReader {
  read(batch: readonly Chunk[]): void;
  /** At a true end. Throws RelayError where what came is no whole answer. */
  end(): void;
  usage(): Usage;
}

export const createDeltaReader = (reading: ChatReading, needs: ToolCallNeeds, sink: DeltaSink): DeltaReader => {
  const events = createEventReader();
  const toolCalls = createToolCallWriter(reading, needs);
  const choices = new Map<number, Choice>();
  let latest: Choice | undefined;
  /** The last chunk that has totals: they are read at the end, once. */
  let counted: Chunk | undefined;

  const choiceOf = (index: number): Choice => {
    if (latest?.index === index) return latest;
    latest = choices.get(index);
    if (latest) return latest;
    latest = createChoice(index, reading, toolCalls, sink);
    choices.set(index, latest);
    return latest;
  };

  return {
    read: (batch) => {
      for (const chunk of batch) {
        const { more } = chunk;
        if (more) {
          choiceOf(more.candidate).takeMore(more);
          if (more.hasUsage) counted = chunk;
          continue;
        }
        for (const event of events.read(chunk)) {
          if (event.kind === 'usage') counted = chunk;
          else if (event.kind === 'blocked') throw blocked(event.reason, event.message);
          else choiceOf(event.candidate).take(event);
        }
      }
    },
    end: () => {
      if (choices.size === 0) throw empty();
      const inOrder = choices.size === 1 ? [...choices.values()] : sorted(choices);
      for (const choice of inOrder) choice.check();
      for (const choice of inOrder) choice.end();
    },
    usage: () => toUsage(counted?.value.usageMetadata),
  };
};

const sorted = (choices: ReadonlyMap<number, Choice>): readonly Choice[] =>
  [...choices].sort(([one], [other]) => one - other).map(([, choice]) => choice);

const blocked = (reason: string, message: string | undefined): RelayError =>
  new RelayError(
    'INVALID_ARGUMENT',
    `Google refused this prompt (${reason})${message === undefined ? '' : `: ${message}`}. ` +
      'The same prompt will be refused again: change it.',
    { reason: 'content_filter', param: 'messages', retryable: false },
  );

const empty = (): RelayError =>
  new RelayError('UNAVAILABLE', 'Google accepted the request and answered nothing. Please try again.', {
    status: 502,
    reason: 'upstream_empty_response',
  });
