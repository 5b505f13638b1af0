import type { Part } from '../../../gemini/types.ts';
import type { GenerateContentRequest } from '../../../gemini/types.ts';
import type { Model } from '../../../gemini/catalogue.ts';
import { createIgnored } from '../../../conversation/ignored.ts';
import { isObject } from '../../../json.ts';
import { z } from '../../../engine/zod.ts';
import { refusal } from '../../../errors/refusal.ts';
import { number, optional, readFields, text } from '../../fields.ts';
import type { Task } from '../able-models.ts';
import { voiceOf } from './voices.ts';

export interface SpeechRequest {
  readonly model: string | undefined;
  readonly input: string;
  readonly voice: string;
  readonly instructions: string | undefined;
  readonly form: 'wav' | 'pcm';
  readonly sending: 'whole' | 'audio' | 'sse';
  readonly ignored: readonly string[];
}

export const SPEAKING: Task = {
  cannot: 'does not speak',
  can: ({ speaks }) => speaks,
  names: /^(?:tts-1(?:-hd)?(?:-\d{4})?|gpt-4o(?:-mini)?-tts(?:-[\d-]+)?)$/,
  // The quick one for the name of the quick one, the one with the finest voices for all others.
  isMeant: ({ id }, name) => id.includes('-flash-lite-') === /^tts-1(?!-hd)/.test(name),
};

const schema = z.object({
  input: text().min(1, { error: 'must not be empty' }),
  model: optional(text()),
  voice: z.preprocess((value) => (isObject(value) ? value['id'] : value), text()),
  instructions: optional(text()),
  response_format: optional(text()),
  stream_format: optional(z.enum(['audio', 'sse'], { error: "must be 'audio' or 'sse'" })),
  speed: optional(number(0.25, 4)),
});

const KNOWN: ReadonlySet<string> = new Set([...Object.keys(schema.shape), 'user']);

export const readSpeechRequest = (body: unknown): SpeechRequest => {
  const { input, model, voice, instructions, response_format, stream_format, speed } = readFields(schema, body);
  const form = formOf(response_format);
  const ignored = createIgnored();
  if (isObject(body)) ignored.rest(body, KNOWN, '');
  // Gemini knows no number for it; in words it is for the instructions to say.
  if (speed !== undefined && speed !== 1) ignored.add('speed');
  return {
    model,
    input,
    voice: voiceOf(voice),
    instructions: instructions?.trim() ? instructions.trim() : undefined,
    form,
    // Raw sound needs no length in front of it.
    sending: stream_format ?? (form === 'pcm' ? 'audio' : 'whole'),
    ignored: ignored.names,
  };
};

const formOf = (format = 'wav'): SpeechRequest['form'] => {
  if (format === 'wav' || format === 'pcm') return format;
  throw refusal(
    'unsupported_value',
    'response_format',
    `'response_format' must be 'wav' or 'pcm': Gemini's voices come in no other form, '${format.slice(0, 20)}' among them.`,
  );
};

export const toSpeechCall = (request: SpeechRequest, model: Model): GenerateContentRequest => ({
  contents: [{ role: 'user', parts: [partOf(request, model)] }],
  generationConfig: {
    responseModalities: ['AUDIO'],
    speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: request.voice } } },
  },
});

/** From 3.8 on all text is read aloud, and how to read it stands beside it; before, it stands in front. */
const STYLED = 3.8;

const partOf = ({ input, instructions }: SpeechRequest, { generation }: Model): Part => {
  if (instructions === undefined) return { text: input };
  if (generation >= STYLED) return { text: input, speechMetadata: { style: instructions } };
  return { text: `${instructions.replace(/(?<![\s.:])[\s.:]+$/, '')}:\n${input}` };
};
