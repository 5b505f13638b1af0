import type { Chunk } from '../../src/gemini/call.ts';
import type { EventReader, GeminiEvent } from '../../src/gemini/events.ts';

export type ReadEvent =
  | GeminiEvent
  | { readonly kind: 'text'; readonly candidate: number; readonly text: string; readonly partIndex: number }
  | { readonly kind: 'thought'; readonly candidate: number; readonly text: string }
  | { readonly kind: 'usage'; readonly usage: Chunk['value']['usageMetadata'] };

/** What a reader tells of one chunk, as a list. */
export const eventsOf = (reader: EventReader, chunk: Chunk): readonly ReadEvent[] => {
  const events: ReadEvent[] = [];
  reader.read(chunk, {
    text: (candidate, text, partIndex) => events.push({ kind: 'text', candidate, text, partIndex }),
    thought: (candidate, text) => events.push({ kind: 'thought', candidate, text }),
    event: (event) => events.push(event),
    counted: ({ value }) => events.push({ kind: 'usage', usage: value.usageMetadata }),
  });
  return events;
};
