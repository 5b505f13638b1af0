import type Router from '@koa/router';
import type { Middleware } from 'koa';
import { sessionOf } from '../../gemini/conversation.ts';
import type { JsonObject } from '../../gemini/types.ts';
import { wrongKind } from '../../gemini/wrong-kind.ts';
import { sumOfUsage, usageOfEmbedding } from '../../gemini/usage.ts';
import type { TokenUsage } from '../../gemini/usage.ts';
import { readJsonBody } from '../../http/body.ts';
import { LongAnswer } from '../../http/long-answer.ts';
import { originOf, recordOf, signalOf } from '../../http/respond.ts';
import { z } from '../../engine/zod.ts';
import type { FormatParts } from '../format.ts';
import { tellModel } from '../model-headers.ts';
import { integer, list, optional, readFields, text } from '../fields.ts';
import { under } from './paths.ts';
import { refusal } from '../../errors/refusal.ts';

export const mountEmbeddings = (router: Router, { catalogue, upstream }: FormatParts): void => {
  const embed: Middleware = async (ctx) => {
    const request = readRequest(await readJsonBody(ctx));
    const resolved = catalogue.resolve(request.model, 'embed');
    const { name: model, model: row } = resolved;
    tellModel(ctx, resolved);
    // One that is only guessed.
    if (row.kind !== 'embed') throw wrongKind(request.model, row, 'embed', catalogue.list('embed'));
    const answer = new LongAnswer(ctx, MOST_BYTES);
    const used: TokenUsage[] = [];
    await answer.add('{"object":"list","data":[');
    // Google takes a hundred texts in one call, OpenAI two thousand.
    for (let start = 0; start < request.texts.length; start += BATCH) {
      const requests = request.texts.slice(start, start + BATCH).map((input) => toRequest(input, request.dimensions));
      const vectors = await upstream.embed(
        {
          model,
          requests,
          payloads: ctx.state.payloads,
          origin: originOf(ctx, 'openai', sessionOf(ctx.req.headers)),
          record: recordOf(ctx),
        },
        signalOf(ctx),
      );
      used.push(usageOfEmbedding(requests, vectors));
      // Written at once, one by one: of two thousand the numbers alone are 50 MB.
      for (const [at, { values }] of vectors.embeddings.entries()) {
        const row = JSON.stringify(toRow(values, start + at, request));
        await answer.add(start + at === 0 ? row : `,${row}`);
      }
    }
    await answer.add(`],${JSON.stringify(toEnd(request, sumOfUsage(used).input)).slice(1)}`);
    await answer.send();
  };
  router.post(under('/embeddings'), embed);
};

export interface EmbeddingRequest {
  readonly model: string;
  readonly texts: readonly string[];
  readonly dimensions: number | undefined;
  readonly base64: boolean;
}

const BATCH = 100;
/** As many as OpenAI takes. */
const MOST_TEXTS = 2048;
/** Of so many texts, with 3,072 numbers for each and 20 digits in each number. */
const MOST_BYTES = 144 * 1024 * 1024;

const schema = z.object({
  model: text(),
  input: z.union([text(), list(z.unknown())], { error: 'must be a string or an array of strings' }),
  dimensions: optional(integer(1, Infinity)),
  encoding_format: optional(z.enum(['float', 'base64'], { error: "must be 'float' or 'base64'" })),
});

export const readRequest = (body: unknown): EmbeddingRequest => {
  const { model, input, dimensions, encoding_format: format } = readFields(schema, body);
  if (typeof input !== 'string' && input.length > MOST_TEXTS) {
    throw refusal('invalid_value', 'input', `'input' must hold at most ${MOST_TEXTS} texts: send several requests.`);
  }
  const texts = typeof input === 'string' ? [input] : input.map(toText);
  if (texts.length === 0) throw refusal('empty_array', 'input', "'input' must hold at least one text.");
  texts.forEach((one, index) => {
    const param = typeof input === 'string' ? 'input' : `input[${index}]`;
    if (one === '') throw refusal('invalid_value', param, `'${param}' is an empty text.`);
  });
  return { model, texts, dimensions, base64: format === 'base64' };
};

const toText = (item: unknown, index: number): string => {
  if (typeof item === 'string') return item;
  const param = `input[${index}]`;
  if (typeof item !== 'number' && !Array.isArray(item))
    throw refusal('invalid_type', param, `'${param}' must be a string.`);
  // LangChain's Python client cuts texts into OpenAI's tokens by default.
  const message =
    "Token arrays are OpenAI's own: send 'input' as text (in LangChain: check_embedding_ctx_length=False).";
  throw refusal('unsupported_value', 'input', message);
};

const toRequest = (input: string, dimensions: number | undefined): JsonObject => ({
  content: { parts: [{ text: input }] },
  ...(dimensions !== undefined && { outputDimensionality: dimensions }),
});

const toRow = (values: readonly number[], index: number, { dimensions, base64 }: EmbeddingRequest): unknown => {
  const vector = dimensions === undefined ? values : toUnitLength(values);
  return { object: 'embedding', index, embedding: base64 ? toBase64(vector) : vector };
};

/** What stands behind the vectors. */
const toEnd = ({ model }: EmbeddingRequest, tokens: number): unknown => ({
  model,
  usage: { prompt_tokens: tokens, total_tokens: tokens },
});

/** OpenAI's vectors have length one, and clients compare them so; Google's have it only at their full size. */
const toUnitLength = (values: readonly number[]): readonly number[] => {
  // As arguments of one call, a long vector would overflow the stack.
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return length === 0 || Math.abs(length - 1) < 1e-6 ? values : values.map((value) => value / length);
};

const toBase64 = (values: readonly number[]): string => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
};
