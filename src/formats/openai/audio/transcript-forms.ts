/** A transcript in the forms that OpenAI has. */
import type { TokenUsage } from '../../../gemini/usage.ts';
import type { Timed, TimedTranscript } from './times.ts';
import type { TranscriptRequest } from './transcript-request.ts';
import { toTokenUsage } from './usage.ts';

export const plainJson = (text: string, tokens: TokenUsage): string =>
  JSON.stringify({ text, usage: { type: 'tokens', ...toTokenUsage(tokens) } });

export const verboseJson = (
  { language, segments, words }: TimedTranscript,
  { purpose, temperature = 0 }: Pick<TranscriptRequest, 'purpose' | 'temperature'>,
  seconds: number | undefined,
): string => {
  const last = Math.max(segments?.at(-1)?.end ?? 0, words?.at(-1)?.end ?? 0);
  const duration = seconds ?? last;
  return JSON.stringify({
    task: purpose,
    language,
    duration,
    text: (segments ?? words ?? []).map(({ text }) => text).join(' '),
    ...(segments && {
      segments: segments.map(({ start, end, text }, id) => ({ id, start, end, text, temperature, ...UNMEASURED })),
    }),
    ...(words && { words: words.map(({ start, end, text }) => ({ word: text, start, end })) }),
    usage: { type: 'duration', seconds: Math.ceil(duration) },
  });
};

/**
 * Whisper's own measures of its work no Gemini model tells. OpenAI has them on every segment, and Vercel's AI SDK refuses
 * one without them: these stand for nothing, and are such as no filter of bad segments drops.
 */
const UNMEASURED = { seek: 0, tokens: [], avg_logprob: 0, compression_ratio: 1, no_speech_prob: 0 } as const;

export const srt = (segments: readonly Timed[]): string =>
  segments
    .map(({ start, end, text }, index) => `${index + 1}\n${clock(start, ',')} --> ${clock(end, ',')}\n${cue(text)}\n\n`)
    .join('');

export const vtt = (segments: readonly Timed[]): string =>
  `WEBVTT\n\n${segments.map(({ start, end, text }) => `${clock(start, '.')} --> ${clock(end, '.')}\n${escapeVtt(cue(text))}\n\n`).join('')}`;

const linesIn = (text: string): readonly string[] =>
  text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** An empty line would end it. */
const cue = (text: string): string => linesIn(text).join('\n').replaceAll('-->', '→');

const escapeVtt = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const clock = (seconds: number, point: string): string => {
  const all = Math.round(seconds * 1000);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const thousandths = String(all % 1000).padStart(3, '0');
  return `${two(all / 3_600_000)}:${two((all / 60_000) % 60)}:${two((all / 1000) % 60)}${point}${thousandths}`;
};
