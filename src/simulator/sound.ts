/** Sound as simulated models make it and hear it. */
import { fieldsListOf, fieldsOf, isFields, stringOf, type Fields } from './values.ts';

const RATE = 24_000;
const BYTES_PER_SECOND = RATE * 2;
const WORDS_PER_SECOND = 3;
const SAMPLES_PER_WORD = RATE / WORDS_PER_SECOND;
const PITCH = 440;
const LOUDNESS = 8000;

/** A tone as long as the text takes: a piece for each word, as a stream brings them. */
export const spoken = (text: string): readonly Fields[] => {
  const words = text.trim().split(/\s+/).length;
  return Array.from({ length: words }, (_, word) => {
    const samples = Buffer.alloc(SAMPLES_PER_WORD * 2);
    for (let at = 0; at < SAMPLES_PER_WORD; at += 1) {
      const time = (word * SAMPLES_PER_WORD + at) / RATE;
      samples.writeInt16LE(Math.round(LOUDNESS * Math.sin(2 * Math.PI * PITCH * time)), at * 2);
    }
    return blobPart(samples, `audio/L16;codec=pcm;rate=${RATE}`);
  });
};

const blobPart = (bytes: Buffer, mimeType: string): Fields => ({
  inlineData: { mimeType, data: bytes.toString('base64') },
});

/** A whole answer has its sound in one piece; of the newest models it is a file. */
export const inOnePiece = (parts: readonly Fields[], asFile: boolean): readonly Fields[] => {
  const sound = Buffer.concat(parts.map((part) => Buffer.from(stringOf(fieldsOf(part.inlineData).data), 'base64')));
  if (!asFile) return [blobPart(sound, `audio/L16;codec=pcm;rate=${RATE}`)];
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + sound.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(BYTES_PER_SECOND, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(sound.length, 40);
  return [blobPart(Buffer.concat([header, sound]), 'audio/wav')];
};

const TOKENS_PER_SECOND = 32;

/** Undefined for what is no sound. */
export const tokensOfSound = ({ inlineData }: Fields): number | undefined => {
  const { mimeType, data } = fieldsOf(inlineData);
  if (!stringOf(mimeType).startsWith('audio/')) return undefined;
  return Math.ceil(((stringOf(data).length * 3) / 4 / BYTES_PER_SECOND) * TOKENS_PER_SECOND);
};

export interface Recording {
  readonly seconds: number;
  readonly rate: number;
}

/** Of a WAV file with sound in it. */
export const readRecording = (base64: string): Recording | undefined => {
  const bytes = Buffer.from(base64, 'base64');
  const isWave = bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WAVE';
  const format = bytes.indexOf('fmt ');
  const data = bytes.indexOf('data');
  if (!isWave || format === -1 || data === -1 || format + 24 > bytes.length) return undefined;
  const perSecond = bytes.readUInt32LE(format + 16);
  const length = bytes.length - data - 8;
  if (perSecond === 0 || length <= 0) return undefined;
  return { seconds: length / perSecond, rate: bytes.readUInt32LE(format + 12) };
};

const partsOf = (content: unknown): readonly Fields[] => fieldsListOf(fieldsOf(content).parts);

/** The recording whose words the question wants, of one that it asks nothing else about. */
export const heardIn = (request: Fields): Recording | undefined => {
  const parts = fieldsListOf(request.contents).flatMap(partsOf);
  const asked = [...partsOf(request.systemInstruction), ...parts].map(({ text }) => stringOf(text)).join(' ');
  if (!/\btranscri|\btranslat/i.test(asked)) return undefined;
  for (const { inlineData } of parts) {
    const { mimeType, data } = fieldsOf(inlineData);
    if (stringOf(mimeType).startsWith('audio/')) return readRecording(stringOf(data)) ?? { seconds: 1, rate: RATE };
  }
  return undefined;
};

export const transcriptOf = ({ seconds, rate }: Recording): string =>
  `A simulated transcript: ${seconds.toFixed(1)} seconds of sound at ${rate} Hz.`;

/** In lists whose items have a start and an end, from the first second to the last; undefined where none is asked for. */
export const timedTranscript = (schema: unknown, recording: Recording): Fields | undefined => {
  const { properties } = fieldsOf(schema);
  if (!isFields(properties)) return undefined;
  const lists = Object.entries(properties).flatMap(([name, field]) => {
    const item = fieldsOf(fieldsOf(fieldsOf(field).items).properties);
    if (item.start === undefined || item.end === undefined) return [];
    const text = transcriptOf(recording);
    const texts = item.word === undefined ? text.split(/(?<=:) /) : text.split(' ');
    const each = recording.seconds / texts.length;
    const list = texts.map((one, index) => ({
      start: clock(index * each),
      end: clock((index + 1) * each),
      ...(item.word === undefined ? { text: one } : { word: one }),
    }));
    return [[name, list] as const];
  });
  if (lists.length === 0) return undefined;
  return { ...(properties.language !== undefined && { language: 'en' }), ...Object.fromEntries(lists) };
};

const clock = (seconds: number): string => {
  const minutes = Math.floor(seconds / 60);
  return `${String(minutes).padStart(2, '0')}:${(seconds - minutes * 60).toFixed(3).padStart(6, '0')}`;
};
