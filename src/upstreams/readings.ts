/** Small answers of Google's, read. */
import { badResponse } from '../errors/answers.ts';
import type { EmbedResponse } from '../gemini/call.ts';
import type { CountTokensResponse } from '../gemini/types.ts';
import { isObject } from '../json.ts';

type Embedding = EmbedResponse['embeddings'][number];

/** Zero is left out by protobuf's JSON, and its long numbers are texts. */
export const countOf = (value: unknown): CountTokensResponse => {
  const total = isObject(value) ? (value.totalTokens ?? 0) : undefined;
  const totalTokens = typeof total === 'string' && /^\d{1,15}$/.test(total) ? Number(total) : total;
  if (!isObject(value) || !isCount(totalTokens)) throw badResponse('Google sent a token count that cannot be read.');
  return { ...value, totalTokens };
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** One embedding or many, as one list: one for each text that was sent. */
export const embeddingsOf = (value: unknown, expected: number): EmbedResponse => {
  if (!isObject(value)) throw unreadable();
  const { embedding, embeddings, ...rest } = value;
  const list: readonly unknown[] = Array.isArray(embeddings) ? embeddings : [embedding];
  if (list.length !== expected) throw unreadable();
  return { ...rest, embeddings: list.map(toEmbedding) };
};

/** The answers to several calls as one; their counts together where each has one. */
export const joinEmbeddings = (answers: readonly EmbedResponse[]): EmbedResponse => {
  const embeddings = answers.flatMap((answer) => answer.embeddings);
  const counts = answers.map(({ usageMetadata }) =>
    isObject(usageMetadata) && isCount(usageMetadata.promptTokenCount) ? usageMetadata.promptTokenCount : NaN,
  );
  const promptTokenCount = counts.reduce((sum, count) => sum + count, 0);
  return {
    embeddings,
    ...(counts.length > 0 && !Number.isNaN(promptTokenCount) && { usageMetadata: { promptTokenCount } }),
  };
};

export const toEmbedding = (value: unknown): Embedding => {
  if (!isObject(value) || !isVector(value.values)) throw unreadable();
  return { ...value, values: value.values };
};

const isVector = (values: unknown): values is readonly number[] =>
  Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === 'number');

const unreadable = () => badResponse('Google sent an embedding that cannot be read.');
