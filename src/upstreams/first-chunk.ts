/**
 * Waits for the first chunk of an answer, so that an error there is an ordinary error, and looks whether the answer is
 * worth passing on. Reads no further than it must: what has been read is held back from the client.
 */
import { RelayError } from '../errors.ts';
import type { Chunk } from '../gemini/call.ts';
import type { GenerateContentResponse, Part } from '../gemini/types.ts';
import { candidatesOf, emptyAnswer } from './answer.ts';

export interface OpenedAnswer {
  readonly chunks: AsyncIterable<readonly Chunk[]>;
  /** It ends as if all were well, and says nothing. Never so for a native call, whose client judges for itself. */
  readonly isBlank: boolean;
  /** For an answer that nobody will read. */
  close(): Promise<void>;
}

/** Throws what the answer throws before its first chunk, and for a translated call what makes the answer useless. */
export const openAnswer = async (answer: AsyncIterable<readonly Chunk[]>, native: boolean): Promise<OpenedAnswer> => {
  const iterator = answer[Symbol.asyncIterator]();
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  const held: (readonly Chunk[])[] = [];
  let isBlank = false;
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) {
      if (held.length === 0 || !native) throw emptyAnswer();
      break;
    }
    held.push(next.value);
    if (native) break;
    const findings = look(next.value);
    if (findings.finish !== undefined && !findings.visible && MALFORMED.has(findings.finish)) {
      await close();
      throw malformedCall(findings.finish);
    }
    if (findings.substance || findings.blocked) break;
    if (findings.finish !== undefined) {
      isBlank = findings.finish === 'STOP';
      break;
    }
  }
  return { chunks: resumed(held, iterator), isBlank, close };
};

/** The held batches, then the rest. No generator: nothing stands between the client and the source after the first. */
const resumed = (
  held: (readonly Chunk[])[],
  iterator: AsyncIterator<readonly Chunk[]>,
): AsyncIterable<readonly Chunk[]> => ({
  [Symbol.asyncIterator]: () => ({
    next: () => {
      const value = held.shift();
      return value ? Promise.resolve({ value, done: false }) : iterator.next();
    },
    return: async () => {
      held.length = 0;
      await iterator.return?.();
      return { value: undefined, done: true };
    },
  }),
});

const MALFORMED: ReadonlySet<string> = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL']);

interface Findings {
  /** Something to pass on, be it a thought. */
  substance: boolean;
  /** Something to pass on that is no thought. */
  visible: boolean;
  blocked: boolean;
  finish: string | undefined;
}

const look = (batch: readonly Chunk[]): Findings => {
  const findings: Findings = { substance: false, visible: false, blocked: false, finish: undefined };
  for (const chunk of batch) {
    const { more } = chunk;
    if (more) {
      findings.substance = true;
      findings.visible ||= more.kind === 'text';
    }
    // Nothing behind it changes what is done, and the first batch may hold a whole answer.
    if (findings.visible) break;
    if (more) continue;
    const { value } = chunk;
    if (isBlocked(value)) findings.blocked = true;
    for (const candidate of candidatesOf(value)) {
      findings.finish ??= candidate.finishReason;
      for (const part of candidate.content?.parts ?? []) {
        if (isEmpty(part)) continue;
        findings.substance = true;
        if (part.thought !== true) findings.visible = true;
      }
    }
  }
  return findings;
};

const isBlocked = ({ promptFeedback }: GenerateContentResponse): boolean => Boolean(promptFeedback?.blockReason);

/** `{text: ""}`, with or without a signature. */
const isEmpty = (part: Part): boolean =>
  part.text === '' || Object.keys(part).every((key) => key === 'thought' || key === 'thoughtSignature');

const malformedCall = (finishReason: string): RelayError =>
  new RelayError(
    'UNAVAILABLE',
    `The model wrote a tool call that Google could not read (${finishReason}). Try again.`,
    {
      status: 502,
      reason: 'upstream_malformed_function_call',
      tries: 2,
    },
  );
