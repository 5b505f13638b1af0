import { expect, test } from 'vitest';
import { Grounding } from '../../src/conversation/grounding.ts';
import type { GroundingMetadata } from '../../src/gemini/types.ts';

const joinedGrounding = (...pieces: readonly GroundingMetadata[]): GroundingMetadata => {
  const grounding = new Grounding();
  for (const piece of pieces) grounding.add(piece);
  return grounding.all;
};

const web = (uri: string) => ({ web: { uri } });
const support = (text: string, ...groundingChunkIndices: number[]) => ({ segment: { text }, groundingChunkIndices });

test('sources and passages of both pieces, each once, each passage at its own sources', () => {
  const joined = joinedGrounding(
    { groundingChunks: [web('a'), web('b')], groundingSupports: [support('one', 0)] },
    { groundingChunks: [web('c'), web('b')], groundingSupports: [support('two', 0, 1)], webSearchQueries: ['q'] },
  );
  expect(joined).toEqual({
    webSearchQueries: ['q'],
    groundingChunks: [web('a'), web('b'), web('c')],
    groundingSupports: [support('one', 0), support('two', 2, 1)],
  });
});

test('a piece that repeats all that came before adds only what is new', () => {
  const earlier = { groundingChunks: [web('a')], groundingSupports: [support('one', 0)] };
  const later = { groundingChunks: [web('a'), web('b')], groundingSupports: [support('one', 0), support('two', 1)] };
  expect(joinedGrounding(earlier, later)).toEqual(later);
});

test('passages without a list of sources mean those that came before', () => {
  const joined = joinedGrounding({ groundingChunks: [web('a')] }, { groundingSupports: [support('one', 0)] });
  expect(joined).toEqual({ groundingChunks: [web('a')], groundingSupports: [support('one', 0)] });
});

test('what is no list has nothing in it', () => {
  const odd = { groundingChunks: 'none', groundingSupports: 7 } as never;
  expect(joinedGrounding(odd, odd)).toEqual({ groundingChunks: [], groundingSupports: [] });
});

test('ten thousand pieces of one source each take no time that grows with what came before', () => {
  const many = Array.from({ length: 10_000 }, (_none, index) => ({
    groundingChunks: [web(`https://${index}.example`)],
  }));
  expect(joinedGrounding(...many).groundingChunks).toHaveLength(10_000);
});
