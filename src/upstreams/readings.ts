/** Small answers of Google's, read. */
import { badResponse } from '../errors/answers.ts';
import type { EmbedResponse } from '../gemini/call.ts';
import type { CountTokensResponse } from '../gemini/types.ts';
import { isObject } from '../json.ts';

type Embedding = EmbedResponse['embeddings'][number];

export const countOf = (value: unknown): CountTokensResponse => {
  if (!isObject(value)) throw badResponse('Google sent a token count that cannot be read.');
  const total = Number(value.totalTokens ?? 0);
  return { ...value, totalTokens: Number.isFinite(total) ? total : 0 };
};

/** One embedding or many, as one list. */
export const embeddingsOf = (value: unknown): EmbedResponse => {
  if (!isObject(value)) throw unreadable();
  const { embedding, embeddings, ...rest } = value;
  const list: readonly unknown[] = Array.isArray(embeddings) ? embeddings : [embedding];
  return { ...rest, embeddings: list.map(toEmbedding) };
};

/** The answers to several calls as one; their counts together where each has one. */
export const joinEmbeddings = (answers: readonly EmbedResponse[]): EmbedResponse => {
  const embeddings = answers.flatMap((answer) => answer.embeddings);
  const counts = answers.map(({ usageMetadata }) =>
    isObject(usageMetadata) ? Number(usageMetadata.promptTokenCount) : NaN,
  );
  const promptTokenCount = counts.reduce((sum, count) => sum + count, 0);
  return {
    embeddings,
    ...(counts.length > 0 && !Number.isNaN(promptTokenCount) && { usageMetadata: { promptTokenCount } }),
  };
};

export const toEmbedding = (value: unknown): Embedding => {
  if (!isObject(value) || !Array.isArray(value.values)) throw unreadable();
  return { ...value, values: value.values as readonly number[] };
};

const unreadable = () => badResponse('Google sent an embedding that cannot be read.');
