import { createHash } from 'node:crypto';
import { invalidArgument } from './google-error.ts';
import { fieldsListOf, fieldsOf, numberOf, stringOf, type Fields } from './values.ts';

const DIMENSIONS = 3072;

/** A unit vector from the text alone: the same text, the same vector. */
export const vectorOf = (text: string, dimensions = DIMENSIONS): readonly number[] => {
  const values: number[] = [];
  for (let block = 0; values.length < dimensions; block += 1) {
    const digest = createHash('sha512').update(`${block} ${text}`).digest();
    for (let at = 0; at < digest.length && values.length < dimensions; at += 4) {
      values.push(digest.readInt32BE(at) / 2 ** 31);
    }
  }
  const length = Math.hypot(...values);
  return values.map((value) => Number((value / length).toFixed(8)));
};

const checkDimensions = (dimensions: number | undefined): void => {
  if (dimensions === undefined || (dimensions >= 1 && dimensions <= DIMENSIONS)) return;
  throw invalidArgument(`output_dimensionality must be between 1 and ${DIMENSIONS}.`);
};

const textOf = (request: Fields): string =>
  fieldsListOf(fieldsOf(request.content).parts)
    .map((part) => stringOf(part.text))
    .join(' ');

/** The same requests, when each can be embedded. */
export const embedContentsOf = (requests: readonly Fields[]): readonly Fields[] => {
  for (const request of requests) {
    if (textOf(request) === '') throw invalidArgument('* EmbedContentRequest.content: contents is not specified\n');
    checkDimensions(numberOf(request.outputDimensionality));
  }
  return requests;
};

export const embeddingOf = (request: Fields): readonly number[] =>
  vectorOf(textOf(request), numberOf(request.outputDimensionality));

/** Vertex's older form: one text an instance. */
export const predictionOf = (instance: Fields, parameters: Fields, tokens: number): Fields => {
  const dimensions = numberOf(parameters.outputDimensionality);
  checkDimensions(dimensions);
  const values = vectorOf(stringOf(instance.content), dimensions);
  return { embeddings: { values, statistics: { truncated: false, token_count: tokens } } };
};
