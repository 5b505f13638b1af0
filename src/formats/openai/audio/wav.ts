/** WAV files: raw sound behind a header that says how to play it. */
import { badResponse } from '../../../errors/answers.ts';

/** Of raw sound: 16 bits a sample, little end first, as Google sends it and WAV has it. */
export interface SoundForm {
  readonly rate: number;
  readonly channels: number;
}

const SAMPLE_BYTES = 2;
const HEADER_BYTES = 44;
/** What players take for "until the end": the length is not known yet. */
const UNKNOWN = 0xffffffff;
const PCM = 1;

/** Undefined bytes: the sound is still being made. */
export const wavHeader = ({ rate, channels }: SoundForm, bytes: number | undefined): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(bytes === undefined ? UNKNOWN : HEADER_BYTES - 8 + bytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(PCM, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * SAMPLE_BYTES, 28);
  header.writeUInt16LE(channels * SAMPLE_BYTES, 32);
  header.writeUInt16LE(SAMPLE_BYTES * 8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(bytes ?? UNKNOWN, 40);
  return header;
};

export interface Wav extends SoundForm {
  readonly bitsPerSample: number;
  /** 1: raw samples. */
  readonly coding: number;
  readonly seconds: number;
  /** As far as the file has it, whatever its header says. */
  readonly sound: Buffer;
}

/** Undefined for what is no WAV file, or has no sound in it. */
export const readWav = (bytes: Buffer): Wav | undefined => {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') return undefined;
  let form: (Omit<Wav, 'seconds' | 'sound'> & { readonly bytesPerSecond: number }) | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const start = at + 8;
    if (name === 'fmt ' && start + 16 <= bytes.length) {
      form = {
        coding: bytes.readUInt16LE(start),
        channels: bytes.readUInt16LE(start + 2),
        rate: bytes.readUInt32LE(start + 4),
        bytesPerSecond: bytes.readUInt32LE(start + 8),
        bitsPerSample: bytes.readUInt16LE(start + 14),
      };
    }
    if (name === 'data') {
      const sound = bytes.subarray(start, Math.min(start + size, bytes.length));
      if (!form || form.bytesPerSecond === 0 || sound.length === 0) return undefined;
      const { bytesPerSecond, ...rest } = form;
      return { ...rest, sound, seconds: sound.length / bytesPerSecond };
    }
    // Chunks have an even length.
    at = start + size + (size % 2);
  }
  return undefined;
};

/** Google's blob as raw sound: streamed it is that, whole it may be a WAV file. */
export const readSound = (mimeType: string, bytes: Buffer): SoundForm & { readonly sound: Buffer } => {
  const wav = readWav(bytes);
  if (wav) {
    if (wav.coding !== PCM || wav.bitsPerSample !== SAMPLE_BYTES * 8) throw otherSound(mimeType);
    return wav;
  }
  if (!/^audio\/(?:l16|pcm)\b/i.test(mimeType)) throw otherSound(mimeType);
  return {
    rate: numberIn(mimeType, 'rate') ?? USUAL_RATE,
    channels: numberIn(mimeType, 'channels') ?? 1,
    sound: bytes,
  };
};

/** Of Google's voices and OpenAI's. */
export const USUAL_RATE = 24_000;

const numberIn = (mimeType: string, name: string): number | undefined => {
  const digits = new RegExp(`;\\s*${name}=(\\d{1,6})\\b`, 'i').exec(mimeType)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

const otherSound = (mimeType: string) =>
  badResponse(`Google sent sound in a form that this relay does not know (${mimeType.slice(0, 100)}).`);
