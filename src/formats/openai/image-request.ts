/** What both routes for pictures are asked for. */
import type { Context } from 'koa';
import type { JsonObject } from '../../gemini/types.ts';
import { createIgnored } from '../../conversation/ignored.ts';
import { z } from '../../engine/zod.ts';
import { refusal } from '../../errors/refusal.ts';
import { boolean, integer, optional, readFields, text } from '../fields.ts';
import type { FormatParts } from '../format.ts';
import { ableModel } from './able-models.ts';
import type { Task } from './able-models.ts';
import { readImageSize } from './image-size.ts';
import type { ImageConfig } from './image-size.ts';

export interface ImageRequest {
  readonly model: string;
  readonly prompt: string;
  readonly count: number;
  readonly asUrl: boolean;
  readonly config: ImageConfig | undefined;
  readonly ignored: readonly string[];
}

const PAINTING: Task = {
  cannot: 'makes no images',
  can: ({ outputsImages }) => outputsImages,
  names: /^(?:gpt-image-[\w.-]+|chatgpt-image-[\w.-]+|dall-e-[23])$/,
  isMeant: ({ id }, name) => id.includes('-flash-') === (name === 'dall-e-2' || name.includes('-mini')),
};

const schema = z.object({
  prompt: text().min(1, { error: 'must not be empty' }),
  model: optional(text()),
  n: optional(integer(1, 10)),
  size: optional(text()),
  response_format: optional(z.enum(['url', 'b64_json'], { error: "must be 'url' or 'b64_json'" })),
  stream: optional(boolean()),
});

const KNOWN: ReadonlySet<string> = new Set([...Object.keys(schema.shape), 'user']);

export const readImageRequest = async (ctx: Context, body: JsonObject, parts: FormatParts): Promise<ImageRequest> => {
  const { prompt, model: asked, n, size, response_format: format, stream } = readFields(schema, body);
  if (stream === true) throw refusal('unsupported_value', 'stream', 'Images come whole: leave out `stream`.');
  const { name, model } = await ableModel(ctx, asked, PAINTING, parts);
  const { config, isIgnored } = readImageSize(size, model);
  const ignored = createIgnored();
  ignored.rest(body, KNOWN, '');
  if (isIgnored) ignored.add('size');
  return { model: name, prompt, count: n ?? 1, asUrl: format === 'url', config, ignored: ignored.names };
};
