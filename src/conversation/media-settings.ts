/** How a medium is looked at: how closely, and of a video which part and how often. */
import type { JsonObject, Part } from '../gemini/types.ts';
import { isObject, toNumber } from '../json.ts';
import type { Ignored } from './ignored.ts';
import { refusal } from '../errors/refusal.ts';

/** In the words of OpenAI and LiteLLM. */
const RESOLUTIONS: ReadonlyMap<unknown, string> = new Map([
  ['low', 'MEDIA_RESOLUTION_LOW'],
  ['medium', 'MEDIA_RESOLUTION_MEDIUM'],
  ['high', 'MEDIA_RESOLUTION_HIGH'],
  ['ultra_high', 'MEDIA_RESOLUTION_ULTRA_HIGH'],
  ['original', 'MEDIA_RESOLUTION_ULTRA_HIGH'],
]);

export interface ResolutionNeeds {
  readonly ignored: Ignored;
  /** Whether the model lets each medium say how closely it is looked at. */
  readonly mediaResolution: boolean;
}

export const withResolution = (part: Part, detail: unknown, name: string, needs: ResolutionNeeds): Part => {
  if (detail === undefined || detail === null || detail === 'auto') return part;
  const level = RESOLUTIONS.get(detail);
  if (level !== undefined && needs.mediaResolution && part.text === undefined) {
    return { ...part, mediaResolution: { level } };
  }
  needs.ignored.addOfEach(name);
  return part;
};

const SETTINGS = [
  ['fps', 'fps'],
  ['start_offset', 'startOffset'],
  ['end_offset', 'endOffset'],
] as const;
const HOLDERS = ['video_metadata', 'videoMetadata'] as const;

/** Names of all that is read here. */
export const VIDEO_FIELDS: readonly string[] = [...new Set([...SETTINGS.flat(), ...HOLDERS])];
const INNER_FIELDS: ReadonlySet<string> = new Set(SETTINGS.flat());

/** LiteLLM's field or Google's, or its members by themselves. */
export const withVideoMetadata = (part: Part, fields: JsonObject, param: string, ignored: Ignored): Part => {
  const holder = HOLDERS.find((name) => fields[name] !== undefined && fields[name] !== null);
  const source = holder === undefined ? fields : fields[holder];
  const place = holder === undefined ? param : `${param}.${holder}`;
  if (!isObject(source)) throw refusal('invalid_type', place, `'${place}' must be an object.`);
  if (holder !== undefined) ignored.rest(source, INNER_FIELDS, holder);
  const videoMetadata: Record<string, unknown> = {};
  for (const [snake, camel] of SETTINGS) {
    const name = source[snake] === undefined ? camel : snake;
    const value = source[name];
    if (value === undefined || value === null) continue;
    videoMetadata[camel] =
      camel === 'fps' ? readRate(value, `${place}.${name}`) : readOffset(value, `${place}.${name}`);
  }
  if (Object.keys(videoMetadata).length === 0) return part;
  if (isVideo(part)) return { ...part, videoMetadata };
  ignored.add('video_metadata');
  return part;
};

const isVideo = ({ inlineData, fileData }: Part): boolean =>
  (inlineData?.mimeType ?? fileData?.mimeType ?? '').startsWith('video/');

const readRate = (value: unknown, param: string): number => {
  const rate = toNumber(value);
  if (rate !== undefined && rate > 0) return rate;
  throw refusal('invalid_value', param, `'${param}' must be a number of pictures a second, above 0.`);
};

/** `90`, `"90s"`, `"1.5s"`. */
const readOffset = (value: unknown, param: string): string => {
  const seconds = toNumber(value);
  if (seconds !== undefined && seconds >= 0) return `${seconds}s`;
  if (typeof value === 'string' && /^\d{1,9}(?:\.\d{1,9})?s$/.test(value)) return value;
  throw refusal('invalid_value', param, `'${param}' must be a number of seconds, or a text like "12.5s".`);
};
