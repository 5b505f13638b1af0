/** POST /v1/images/generations, through the models that paint in chat. */
import type Router from '@koa/router';
import type { Middleware } from 'koa';
import { failed } from '../../errors.ts';
import { sumOfUsage } from '../../gemini/usage.ts';
import type { TokenUsage } from '../../gemini/usage.ts';
import { readJsonBody } from '../../http/body.ts';
import { sendJson, signalOf } from '../../http/respond.ts';
import { z } from '../../engine/zod.ts';
import type { FormatParts } from '../format.ts';
import { readDeltas } from './chat/deltas.ts';
import { GatheredAnswer } from './chat/gather.ts';
import { prepareChat, type Prepared } from './chat/prepare.ts';
import { readChatRequest } from './chat/request.ts';
import { toModalityTokens } from './chat/usage.ts';
import { boolean, integer, optional, readFields, text } from '../fields.ts';
import { under } from './paths.ts';
import { refusal } from '../../errors/refusal.ts';

export const mountImages = (router: Router, parts: FormatParts): void => {
  const generate: Middleware = async (ctx) => {
    const request = readImageRequest(await readJsonBody(ctx), parts);
    const prepared = await prepareChat(ctx, readChatRequest(request.chat), 'img-', parts);
    const failed = new AbortController();
    const signal = AbortSignal.any([signalOf(ctx), failed.signal]);
    const paint = (): Promise<Painting> =>
      paintOne(prepared, parts, signal).catch((error: unknown) => {
        failed.abort(error);
        throw error;
      });
    const paintings = await Promise.all(Array.from({ length: request.count }, paint));
    const urls = paintings.flatMap((painting) => painting.urls);
    sendJson(
      ctx,
      JSON.stringify({
        created: prepared.reply.createdAt,
        data: urls.map((url) => (request.asUrl ? { url } : { b64_json: url.slice(url.indexOf(',') + 1) })),
        usage: toImageUsage(sumOfUsage(paintings.map(({ tokens }) => tokens))),
      }),
    );
  };
  router.post(under('/images/generations'), generate);
};

const schema = z.object({
  prompt: text().min(1, { error: 'must not be empty' }),
  model: optional(text()),
  n: optional(integer(1, 10)),
  size: optional(text()),
  response_format: optional(z.enum(['url', 'b64_json'], { error: "must be 'url' or 'b64_json'" })),
  stream: optional(boolean()),
});

const readImageRequest = (body: unknown, { catalogue }: FormatParts) => {
  const { prompt, model, n, size, response_format: format, stream } = readFields(schema, body);
  if (stream === true) throw refusal('unsupported_value', 'stream', 'Images come whole: leave out `stream`.');
  const painters = catalogue.list().filter((row) => row.outputsImages);
  const chosen = model ?? painters[0]?.id ?? '';
  if (!catalogue.resolve(chosen).model.outputsImages) {
    const ids = painters.map(({ id }) => id).join(', ');
    throw refusal('invalid_value', 'model', `'${chosen}' makes no images. Models that do: ${ids}.`);
  }
  const ratio = size === undefined || size === 'auto' ? undefined : ratioOf(size);
  return {
    count: n ?? 1,
    asUrl: format === 'url',
    chat: {
      model: chosen,
      messages: [{ role: 'user', content: prompt }],
      modalities: ['text', 'image'],
      ...(ratio !== undefined && { image_config: { aspect_ratio: ratio } }),
    },
  };
};

/** What Gemini can paint: it takes a ratio, where OpenAI's clients name pixels. */
const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];

const ratioOf = (size: string): string => {
  const [, width = '', height = ''] = /^(\d{2,5})x(\d{2,5})$/.exec(size) ?? [];
  const wanted = Math.log(Number(width) / Number(height));
  if (!Number.isFinite(wanted)) throw refusal('invalid_value', 'size', "'size' must be like '1024x1024', or 'auto'.");
  const distance = (ratio: string): number => {
    const [across = 1, down = 1] = ratio.split(':').map(Number);
    return Math.abs(Math.log(across / down) - wanted);
  };
  return RATIOS.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best));
};

interface Painting {
  /** Data URLs. */
  readonly urls: readonly string[];
  readonly tokens: TokenUsage;
}

const paintOne = async (
  { call, reading, reply }: Prepared,
  { upstream }: FormatParts,
  signal: AbortSignal,
): Promise<Painting> => {
  const gathered = new GatheredAnswer();
  const reader = readDeltas(reading, reply, gathered);
  await reader.readAll(await upstream.generate(call, signal));
  reader.end();
  const [choice] = gathered.choices();
  const urls = choice?.images.map((image) => image.image_url.url) ?? [];
  if (urls.length > 0) return { urls, tokens: reader.tokens() };
  const said = choice?.refusal ?? choice?.content ?? '';
  if (choice?.finish.reason === 'content_filter') {
    throw failed('content_filter', `Google refused to paint this: ${said}`, { param: 'prompt' });
  }
  const words = said === '' ? '' : `, it said: ${said.slice(0, 500)}`;
  throw failed('upstream_empty_response', `The model painted nothing${words}`);
};

const toImageUsage = ({ input, output, total, inputBy, outputBy }: TokenUsage) => ({
  input_tokens: input,
  output_tokens: output,
  total_tokens: total,
  input_tokens_details: toModalityTokens(inputBy),
  output_tokens_details: toModalityTokens(outputBy),
});
