/** Google's own options on its OpenAI-compatible address: `extra_body: {google: {…}}`, or `google: {…}` flattened. */
import type * as Zod from 'zod';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import { z } from '../../../engine/zod.ts';
import { boolean, integer, list, object, optional, readFields, text } from '../../fields.ts';
import type { Ignored } from '../../../conversation/ignored.ts';
import { refusal } from '../../../errors/refusal.ts';

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
});

export type GoogleOptions = Zod.output<typeof googleOptions>;

export const readGoogleOptions = (body: JsonObject, ignored: Ignored): GoogleOptions => {
  const extra = body['extra_body'];
  if (isObject(extra)) ignored.rest(extra, new Set(['google']), 'extra_body');
  for (const name of ['cached_content', 'cachedContent']) refuseCache(body, name, name);
  const nested = isObject(extra) ? extra['google'] : undefined;
  const given = body['google'] ?? nested;
  if (body['google'] && nested) ignored.add('extra_body.google');
  if (given === undefined || given === null) return {};
  const place = body['google'] ? 'google' : 'extra_body.google';
  const options = readFields(z.preprocess(snakeKeys, object()), given, place);
  refuseCache(options, 'cached_content', `${place}.cached_content`);
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

const refuseCache = (options: JsonObject, name: string, param: string): void => {
  if (options[name] === undefined || options[name] === null) return;
  const message = 'Cached contents are not available through this relay; send the content itself.';
  throw refusal('unsupported_value', param, message);
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
