/** POST /v1/audio/transcriptions and /v1/audio/translations: what is said in a recording, written down. */
import type Router from '@koa/router';
import type { Middleware } from 'koa';
import { GrowingText } from '../../../conversation/growing-text.ts';
import { payloadName } from '../../../engine/payloads.ts';
import type { Answer, Call, Chunk, HoldAnswer } from '../../../gemini/call.ts';
import type { ResolvedModel } from '../../../gemini/catalogue.ts';
import { readBatches } from '../../../gemini/chunks.ts';
import { sessionOf } from '../../../gemini/conversation.ts';
import { tellIgnored } from '../../../http/head.ts';
import { answerHolder } from '../../../http/held-bytes.ts';
import { originOf, recordOf, sendBytes, sendJson, signalOf } from '../../../http/respond.ts';
import { sendStream } from '../../../http/stream.ts';
import type { StreamEncoder } from '../../../http/stream.ts';
import type { FormatParts } from '../../format.ts';
import { ableModel } from '../able-models.ts';
import { readForm } from '../multipart-form.ts';
import { under } from '../paths.ts';
import { AnswerParts } from './answer-parts.ts';
import { EVENTS, frame } from './event-stream.ts';
import { toRecording } from './recording.ts';
import { readTimed } from './times.ts';
import { plainJson, srt, verboseJson, vtt } from './transcript-forms.ts';
import { HEARING, readTranscriptRequest, SILENCE, toTranscriptCall } from './transcript-request.ts';
import type { Purpose, TranscriptRequest } from './transcript-request.ts';
import { toTokenUsage } from './usage.ts';

export const mountTranscripts = (router: Router, parts: FormatParts): void => {
  const route =
    (purpose: Purpose): Middleware =>
    async (ctx) => {
      const form = await readForm(ctx, FORM);
      const request = readTranscriptRequest(form, purpose);
      const { mimeType, base64, seconds } = toRecording(form.files[0]);
      const resolved = await ableModel(ctx, request.model, HEARING, parts);
      const prefix = parts.system.newId('RelayPayload');
      const { request: asked, ignored } = toTranscriptCall(request, resolved, {
        mimeType,
        data: payloadName(prefix, 0),
      });
      tellIgnored(ctx, ignored);
      const call: Call = {
        model: quick(resolved),
        request: asked,
        stream: request.stream,
        origin: originOf(ctx, 'openai', sessionOf(ctx.req.headers)),
        record: recordOf(ctx),
        native: false,
        payloads: { prefix, texts: [base64] },
      };
      const answer = parts.upstream.generate(call, signalOf(ctx));
      if (request.stream) return sendStream(ctx, answer, createTranscriptStream(answerHolder(ctx)), parts.heartbeatMs);
      const { text, tokens } = await gather(await answer, answerHolder(ctx));
      if (request.form === 'json') {
        sendJson(ctx, plainJson(heard(text), tokens));
      } else {
        const { contentType, body } = written(text, request, seconds);
        sendBytes(ctx, Buffer.from(body), contentType);
      }
    };
  router.post(under('/audio/transcriptions'), route('transcribe'));
  router.post(under('/audio/translations'), route('translate'));
};

const FORM = {
  files: ['file'],
  mostFiles: 1,
  lists: ['timestamp_granularities', 'include', 'known_speaker_names', 'known_speaker_references'],
};

/** Nothing to think about. */
const quick = ({ id, name, variants, model }: ResolvedModel): string =>
  variants.length === 0 && model.thinking ? `${id}-nothinking` : name;

const gather = async (answer: Answer, hold: HoldAnswer) => {
  let text = '';
  const reader = new AnswerParts({
    text: (more) => {
      text += more;
    },
  });
  const read = (batch: readonly Chunk[]): void => {
    reader.read(batch);
  };
  await readBatches(answer, read, hold);
  reader.end();
  return { text, tokens: reader.tokens() };
};

const heard = (text: string): string => (text.trim() === SILENCE ? '' : text.trim());

const TEXT = 'text/plain; charset=utf-8';

const written = (text: string, request: TranscriptRequest, seconds: number | undefined) => {
  const { form, timed } = request;
  if (form === 'text') return { contentType: TEXT, body: `${heard(text)}\n` };
  const transcript = readTimed(text, timed, seconds);
  const segments = transcript.segments ?? [];
  if (form === 'srt') return { contentType: TEXT, body: srt(segments) };
  if (form === 'vtt') return { contentType: 'text/vtt; charset=utf-8', body: vtt(segments) };
  return { contentType: 'application/json; charset=utf-8', body: verboseJson(transcript, request, seconds) };
};

const createTranscriptStream = (hold: HoldAnswer): StreamEncoder<readonly Chunk[]> => {
  const text = new GrowingText();
  let unsent = '';
  let isHeard = false;
  const reader = new AnswerParts({
    text: (more) => {
      text.add(more);
      unsent += more;
    },
  });
  const delta = (): string => {
    const more = unsent;
    unsent = '';
    return more === '' ? '' : frame({ type: 'transcript.text.delta', delta: more });
  };
  return {
    ...EVENTS,
    encode: (batch) => {
      reader.read(batch);
      text.settle();
      hold(text.keptBytes);
      // As long as it may become the word for silence, it waits.
      isHeard ||= unsent.length > LONGEST_SILENCE || !SILENCE.startsWith(unsent.trim());
      return isHeard ? delta() : '';
    },
    end: () => {
      reader.end();
      const all = text.all();
      const whole = isHeard || all.trim() !== SILENCE ? all : '';
      const rest = whole === '' ? '' : delta();
      const usage = { type: 'tokens', ...toTokenUsage(reader.tokens()) };
      return rest + frame({ type: 'transcript.text.done', text: whole, usage });
    },
  };
};

/** With white space around it. */
const LONGEST_SILENCE = 1024;
