/** What is said when: asked of the model by a schema, and believed only where it can be. */
import { badResponse } from '../../../errors/answers.ts';
import { isObject } from '../../../json.ts';
import type { JsonObject } from '../../../gemini/types.ts';

export interface Timed {
  /** Seconds from the start. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface TimedTranscript {
  /** As the model heard it: a code. */
  readonly language: string;
  readonly segments: readonly Timed[] | undefined;
  readonly words: readonly Timed[] | undefined;
}

type Grain = 'word' | 'segment';

const TIME = { type: 'string', description: 'MM:SS.mmm' };

export const timedSchema = (grains: ReadonlySet<Grain>): JsonObject => {
  const lists = {
    ...(grains.has('segment') && { segments: listOf('text', 'One sentence, or a line of at most 80 letters.') }),
    ...(grains.has('word') && { words: listOf('word', 'One word.') }),
  };
  return {
    type: 'object',
    properties: { language: { type: 'string', description: 'ISO 639-1 code of the language spoken' }, ...lists },
    required: ['language', ...Object.keys(lists)],
  };
};

const listOf = (name: string, description: string): JsonObject => ({
  type: 'array',
  items: {
    type: 'object',
    properties: { start: TIME, end: TIME, [name]: { type: 'string', description } },
    required: ['start', 'end', name],
  },
});

/** Throws where the model gave no times, or such as cannot be: no time is invented here. */
export const readTimed = (answer: string, grains: ReadonlySet<Grain>, seconds = Infinity): TimedTranscript => {
  let read: unknown;
  try {
    read = JSON.parse(answer);
  } catch (error) {
    throw badTimes('its answer is no JSON', error);
  }
  if (!isObject(read)) throw badTimes('its answer is no object');
  const { language, segments, words } = read;
  return {
    language: typeof language === 'string' ? language : '',
    segments: grains.has('segment') ? readList(segments, 'text', seconds) : undefined,
    words: grains.has('word') ? readList(words, 'word', seconds) : undefined,
  };
};

/** Models hear the end a little late. */
const SLACK_SECONDS = 2;

const readList = (list: unknown, name: string, seconds: number): readonly Timed[] => {
  if (!Array.isArray(list)) throw badTimes('a list is missing');
  let latest = 0;
  return list.map((entry: unknown): Timed => {
    if (!isObject(entry)) throw badTimes('an entry has no times');
    const { [name]: text } = entry;
    const start = secondsOf(entry['start']);
    const end = secondsOf(entry['end']);
    if (typeof text !== 'string' || start === undefined || end === undefined) throw badTimes('an entry has no times');
    if (end < start || start < latest) throw badTimes('its times are out of order');
    if (end > seconds + SLACK_SECONDS) throw badTimes('its times lie behind the end of the recording');
    latest = start;
    return { start: Math.min(start, seconds), end: Math.min(end, seconds), text: text.trim() };
  });
};

const CLOCK = /^(?:(\d{1,3}):)?(\d{1,4}):(\d{2}(?:[.,]\d{1,6})?)$/;

const secondsOf = (time: unknown): number | undefined => {
  const [whole, hours = '0', minutes = '', seconds = ''] = (typeof time === 'string' && CLOCK.exec(time.trim())) || [];
  if (whole === undefined) return undefined;
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'))) * 1000) / 1000;
};

const badTimes = (problem: string, cause?: unknown) =>
  badResponse(
    `The model gave no times that can be used: ${problem}. Try again, or ask for response_format json or text.`,
    cause,
  );
