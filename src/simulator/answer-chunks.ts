import type { Answer, Candidate } from './answer.ts';
import type { Door } from './exchange.ts';
import { versionOf, type Model } from './models.ts';
import { inOnePiece } from './sound.ts';
import { tokensOfPart } from './token-count.ts';
import { stringOf, type Fields } from './values.ts';

export interface Speaker {
  readonly door: Door;
  readonly model: Model;
}

const WORDS_PER_CHUNK = 4;
const WORD = /\s*\S{1,200}\s*/g;

/** The first word by itself, then a few at a time; each word by itself where the user asked for words. */
const piecesOf = (text: string, wordByWord: boolean): readonly string[] => {
  const words: readonly string[] = text.match(WORD) ?? [text];
  const size = wordByWord ? 1 : WORDS_PER_CHUNK;
  const pieces = [words[0] ?? ''];
  for (let index = 1; index < words.length; index += size) pieces.push(words.slice(index, index + size).join(''));
  return pieces;
};

interface Beat {
  readonly parts: readonly Fields[];
  /** With the last beat. */
  readonly end?: Fields;
}

const thoughtPart = (text: string): Fields => ({ text, thought: true });

const beatsOf = (candidate: Candidate, wordByWord: boolean): readonly Beat[] => {
  const { thought, parts, finishReason, signature, beside } = candidate;
  const calls = parts.filter((part) => part.functionCall !== undefined);
  const others = parts.filter((part) => part.functionCall === undefined);
  const beats: (readonly Fields[])[] = [
    ...(thought === undefined ? [] : [[thoughtPart(thought)]]),
    ...others.flatMap((part) => {
      if (part.text === undefined || part.thoughtSignature !== undefined) return [[part]];
      return piecesOf(stringOf(part.text), wordByWord).map((text) => [{ ...part, text }]);
    }),
    // Parallel calls come in one piece.
    ...(calls.length > 0 ? [calls] : []),
  ];
  const end = { finishReason, ...beside };
  if (signature !== undefined)
    return [...beats.map((one) => ({ parts: one })), { parts: [{ text: '', thoughtSignature: signature }], end }];
  const last = beats.pop() ?? [];
  return [...beats.map((one) => ({ parts: one })), { parts: last, end }];
};

const usageOf = ({ door, model }: Speaker, answer: Answer, candidateTokens: number): Fields => ({
  promptTokenCount: answer.promptTokens,
  ...(candidateTokens > 0 && { candidatesTokenCount: candidateTokens }),
  totalTokenCount: answer.promptTokens + candidateTokens + answer.thoughtTokens,
  ...(door === 'vertex' && { trafficType: 'ON_DEMAND' }),
  promptTokensDetails: [
    { modality: 'TEXT', tokenCount: answer.promptTokens - answer.soundTokens },
    ...(answer.soundTokens > 0 ? [{ modality: 'AUDIO', tokenCount: answer.soundTokens }] : []),
  ],
  ...(model.kind === 'speech' && { candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: candidateTokens }] }),
  ...(answer.thoughtTokens > 0 && { thoughtsTokenCount: answer.thoughtTokens }),
});

const responseOf = (speaker: Speaker, answer: Answer, candidates: readonly Fields[], tokens: number): Fields => ({
  ...(candidates.length > 0 && { candidates }),
  ...(answer.blockReason !== undefined && { promptFeedback: { blockReason: answer.blockReason } }),
  usageMetadata: usageOf(speaker, answer, tokens),
  modelVersion: versionOf(speaker.model),
  // Code Assist names an answer in the envelope instead.
  ...(speaker.door !== 'code-assist' && { responseId: answer.id }),
});

const candidateOf = (speaker: Speaker, index: number, { parts, end }: Beat): Fields => ({
  content: { ...(parts.length > 0 && { parts }), role: 'model' },
  ...end,
  ...((index > 0 || speaker.door === 'gemini-api') && { index }),
});

const tokensOf = (parts: readonly Fields[]): number =>
  parts.reduce((sum, part) => sum + (part.thought === true ? 0 : tokensOfPart(part)), 0);

/** The answer in pieces, the counts so far in each, each candidate's end in its last. */
export const streamed = (speaker: Speaker, answer: Answer): readonly Fields[] => {
  if (answer.candidates.length === 0) return [responseOf(speaker, answer, [], 0)];
  const tracks = answer.candidates.map((candidate) => beatsOf(candidate, answer.wishes.words !== undefined));
  const length = Math.max(...tracks.map((beats) => beats.length));
  const chunks: Fields[] = [];
  let tokens = 0;
  for (let at = 0; at < length; at += 1) {
    for (const [index, beats] of tracks.entries()) {
      const beat = beats[at];
      if (!beat) continue;
      tokens += tokensOf(beat.parts);
      chunks.push(responseOf(speaker, answer, [candidateOf(speaker, index, beat)], tokens));
    }
  }
  return chunks;
};

/** The answer in one piece. */
export const whole = (speaker: Speaker, answer: Answer): Fields => {
  const candidates = answer.candidates.map(({ thought, parts, finishReason, signature, beside }, index) => {
    const lastText = parts.findLastIndex((part) => part.text !== undefined);
    const shown = parts.map((part, at) =>
      at === lastText && signature !== undefined ? { ...part, thoughtSignature: signature } : part,
    );
    const made = speaker.model.kind === 'speech' ? inOnePiece(shown, speaker.model.generation === '3') : shown;
    const all = [...(thought === undefined ? [] : [thoughtPart(thought)]), ...made];
    return candidateOf(speaker, index, { parts: all, end: { finishReason, ...beside } });
  });
  const tokens = answer.candidates.reduce((sum, { parts }) => sum + tokensOf(parts), 0);
  return responseOf(speaker, answer, candidates, tokens);
};
