/** POST /v1/audio/speech: a text, said aloud by one of Gemini's voices. */
import type Router from '@koa/router';
import type { Middleware } from 'koa';
import { failed } from '../../../errors.ts';
import { readJsonBody } from '../../../http/body.ts';
import type { Answer, Chunk, HoldAnswer } from '../../../gemini/call.ts';
import { readBatches } from '../../../gemini/chunks.ts';
import { sessionOf } from '../../../gemini/conversation.ts';
import { tellIgnored } from '../../../http/head.ts';
import { answerHolder } from '../../../http/held-bytes.ts';
import { originOf, recordOf, sendBytes, signalOf } from '../../../http/respond.ts';
import { sendStream } from '../../../http/stream.ts';
import type { StreamEncoder } from '../../../http/stream.ts';
import type { FormatParts } from '../../format.ts';
import { ableModel } from '../able-models.ts';
import { under } from '../paths.ts';
import { AnswerParts } from './answer-parts.ts';
import { EVENTS, frame } from './event-stream.ts';
import { readSpeechRequest, SPEAKING, toSpeechCall } from './speech-request.ts';
import type { SpeechRequest } from './speech-request.ts';
import { readSound, USUAL_RATE, wavHeader } from './wav.ts';
import type { SoundForm } from './wav.ts';
import { toTokenUsage } from './usage.ts';

export const mountSpeech = (router: Router, parts: FormatParts): void => {
  const speak: Middleware = async (ctx) => {
    const request = readSpeechRequest(await readJsonBody(ctx));
    const { name: model, model: row } = await ableModel(ctx, request.model, SPEAKING, parts);
    tellIgnored(ctx, request.ignored);
    const call = {
      model,
      request: toSpeechCall(request, row),
      // Streamed, sound comes raw from all models.
      stream: true,
      origin: originOf(ctx, 'openai', sessionOf(ctx.req.headers)),
      record: recordOf(ctx),
      native: false,
    };
    const answer = parts.upstream.generate(call, signalOf(ctx));
    if (request.sending === 'sse') return sendStream(ctx, answer, createEventStream(request), parts.heartbeatMs);
    if (request.sending === 'audio') return sendStream(ctx, answer, createSoundStream(request), parts.heartbeatMs);
    sendBytes(ctx, await wholeWav(await answer, answerHolder(ctx)), 'audio/wav');
  };
  router.post(under('/audio/speech'), speak);
};

/** What is there of a spoken answer. */
class Speech {
  readonly parts: AnswerParts;
  form: SoundForm | undefined;
  #pieces: Buffer[] = [];

  constructor() {
    this.parts = new AnswerParts({
      blob: ({ mimeType, data }) => {
        const { sound, rate, channels } = readSound(mimeType, Buffer.from(data, 'base64'));
        this.form ??= { rate, channels };
        if (sound.length > 0) this.#pieces.push(sound);
      },
    });
  }

  /** The sound since the last time. */
  take(): Buffer {
    const [first = NOTHING, ...others] = this.#pieces;
    this.#pieces = [];
    return others.length === 0 ? first : Buffer.concat([first, ...others]);
  }

  end(): SoundForm {
    this.parts.end();
    if (!this.form) throw failed('upstream_empty_response', 'The model said nothing. Try again, or change the input.');
    return this.form;
  }
}

const NOTHING = Buffer.alloc(0);

const wholeWav = async (answer: Answer, hold: HoldAnswer): Promise<Buffer> => {
  const speech = new Speech();
  const read = (batch: readonly Chunk[]): void => {
    speech.parts.read(batch);
  };
  await readBatches(answer, read, hold);
  const form = speech.end();
  const sound = speech.take();
  return Buffer.concat([wavHeader(form, sound.length), sound]);
};

/** The file as it is made: pieces of it, with the header in front of the first where it has one. */
const createFile = ({ form }: SpeechRequest) => {
  const speech = new Speech();
  let isOpen = form === 'pcm';
  return {
    speech,
    read: (batch: readonly Chunk[]): Buffer => {
      speech.parts.read(batch);
      const sound = speech.take();
      if (isOpen || !speech.form) return sound;
      isOpen = true;
      return Buffer.concat([wavHeader(speech.form, undefined), sound]);
    },
  };
};

/** Nothing can be said in mid-sound: a broken one ends with its connection. */
const createSoundStream = (request: SpeechRequest): StreamEncoder<readonly Chunk[], Buffer> => {
  const file = createFile(request);
  return {
    // Asked for with the first piece: the rate is known then.
    get contentType() {
      if (request.form === 'wav') return 'audio/wav';
      const rate = file.speech.form?.rate ?? USUAL_RATE;
      return rate === USUAL_RATE ? 'audio/pcm' : `audio/pcm;rate=${rate}`;
    },
    heartbeat: () => '',
    encode: (batch) => file.read(batch),
    end: () => {
      file.speech.end();
      return '';
    },
    fail: () => '',
    cutAfterFailure: true,
  };
};

const createEventStream = (request: SpeechRequest): StreamEncoder<readonly Chunk[]> => {
  const file = createFile(request);
  return {
    ...EVENTS,
    encode: (batch) => {
      const piece = file.read(batch);
      return piece.length === 0 ? '' : frame({ type: 'speech.audio.delta', audio: piece.toString('base64') });
    },
    end: () => {
      file.speech.end();
      return frame({ type: 'speech.audio.done', usage: toTokenUsage(file.speech.parts.tokens()) });
    },
  };
};
