/** Google's own options on its OpenAI-compatible address: `extra_body: {google: {…}}`, or `google: {…}` flattened. */
import type * as Zod from 'zod';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import { z } from '../../../engine/zod.ts';
import { boolean, integer, list, object, optional, readFields, text } from '../../fields.ts';
import type { Ignored } from '../../../conversation/ignored.ts';

const thinkingConfig = z.object({
  thinking_budget: optional(integer(-1, 1_000_000)),
  thinking_level: optional(text()),
  include_thoughts: optional(boolean()),
});

export const imageConfig = z.object({
  aspect_ratio: optional(text()),
  image_size: optional(text()),
});

const googleOptions = z.object({
  thinking_config: optional(z.preprocess(snakeKeys, thinkingConfig)),
  safety_settings: optional(list(object())),
  response_modalities: optional(list(text())),
  image_config: optional(z.preprocess(snakeKeys, imageConfig)),
  tools: optional(list(object())),
  cached_content: optional(text()),
});

export type GoogleOptions = Zod.output<typeof googleOptions>;

export const NO_GOOGLE_OPTIONS: GoogleOptions = {};

export const readGoogleOptions = (body: JsonObject, ignored: Ignored): GoogleOptions => {
  const extra = body['extra_body'];
  if (isObject(extra)) ignored.rest(extra, new Set(['google']), 'extra_body');
  const nested = isObject(extra) ? extra['google'] : undefined;
  const given = body['google'] ?? nested;
  if (body['google'] && nested) ignored.add('extra_body.google');
  if (given === undefined || given === null) return NO_GOOGLE_OPTIONS;
  const place = body['google'] ? 'google' : 'extra_body.google';
  const options = readFields(z.preprocess(snakeKeys, object()), given, place);
  ignored.rest(options, new Set(Object.keys(googleOptions.shape)), place);
  for (const [name, shape] of [
    ['thinking_config', thinkingConfig.shape],
    ['image_config', imageConfig.shape],
  ] as const) {
    const inner = snakeKeys(options[name]);
    if (isObject(inner)) ignored.rest(inner, new Set(Object.keys(shape)), `${place}.${name}`);
  }
  return readFields(googleOptions, options, place);
};

/** `thinkingConfig` → `thinking_config`, one level deep. Both spellings are in use. */
export function snakeKeys(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      member,
    ]),
  );
}
