/** A file that somebody speaks in, as Google is to get it. */
import { sniffMediaType } from '../../../conversation/media-types.ts';
import { missing, refusal } from '../../../errors/refusal.ts';
import type { SentFile } from '../multipart-form.ts';
import { readWav } from './wav.ts';

export interface Recording {
  readonly mimeType: string;
  readonly base64: Buffer;
  /** Where the file itself tells it. */
  readonly seconds: number | undefined;
}

export const toRecording = (file: SentFile | undefined): Recording => {
  if (!file) throw missing('file');
  const { bytes } = file;
  if (bytes.length === 0) throw noSound('is empty');
  const mimeType = soundIn(file);
  if (mimeType === undefined) throw noSound('is no sound');
  const wav = mimeType === 'audio/wav' ? readWav(bytes) : undefined;
  if (mimeType === 'audio/wav' && !wav) throw noSound('is a WAV file without sound in it');
  return { mimeType, base64: toBase64(bytes), seconds: wav?.seconds };
};

const noSound = (problem: string) =>
  refusal(
    'invalid_value',
    'file',
    `'file' ${problem}: send a recording as flac, m4a, mp3, mp4, mpeg, mpga, oga, ogg, wav or webm.`,
  );

/** By its first bytes: a name or a type proves nothing. Of films it is the sound that is listened to. */
const soundIn = ({ bytes }: SentFile): string | undefined => {
  const start = bytes.subarray(0, SNIFFED_BYTES);
  const found = sniffMediaType(start.toString('base64'));
  if (found === 'video/webm' || found === 'video/mp4') return found.replace('video', 'audio');
  if (found?.startsWith('audio/')) return found;
  const [first = 0, second = 0] = start;
  // Frames of MPEG audio of any version and layer; the usual ones are known above.
  if (first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x06) !== 0) return 'audio/mpeg';
  if (/^FORM[^]{4}AIF[FC]/.test(start.toString('latin1'))) return 'audio/aiff';
  return undefined;
};

const SNIFFED_BYTES = 48;

/** Piece by piece: the text of a large file as a string, too, would be memory for nothing. */
const toBase64 = (bytes: Buffer): Buffer => {
  const base64 = Buffer.allocUnsafe(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    at += base64.write(bytes.toString('base64', from, from + PIECE_BYTES), at, 'latin1');
  }
  return base64;
};

/** Three bytes are four letters. */
const PIECE_BYTES = 3 * 64 * 1024;
