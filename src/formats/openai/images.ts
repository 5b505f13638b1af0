/** POST /v1/images/generations and /v1/images/edits, through the models that paint in chat. */
import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { payloadName } from '../../engine/payloads.ts';
import { LONG_BYTES, turn } from '../../engine/turns.ts';
import { failed } from '../../errors.ts';
import { missing, refusal } from '../../errors/refusal.ts';
import { sniffMediaType } from '../../conversation/media-types.ts';
import { isObject } from '../../json.ts';
import { sumOfUsage } from '../../gemini/usage.ts';
import { AnswerReader } from '../../conversation/answer-reader.ts';
import type { TokensByModality, TokenUsage } from '../../gemini/usage.ts';
import { newPrefix, readJsonBody } from '../../http/body.ts';
import { takeWorkMemory } from '../../http/body-work.ts';
import { tellIgnored } from '../../http/head.ts';
import { LongAnswer } from '../../http/long-answer.ts';
import { signalOf } from '../../http/respond.ts';
import type { FormatParts } from '../format.ts';
import { GatheredAnswer } from './chat/gather.ts';
import { prepareChat, type Prepared } from './chat/prepare.ts';
import { readChatRequest } from './chat/request.ts';
import { toModalityTokens } from './chat/usage.ts';
import { readImageRequest } from './image-request.ts';
import type { ImageRequest } from './image-request.ts';
import { readForm } from './multipart-form.ts';
import type { SentFile } from './multipart-form.ts';
import { under } from './paths.ts';

export const mountImages = (router: Router, parts: FormatParts): void => {
  const generate: Middleware = async (ctx) => {
    const body = await readJsonBody(ctx);
    const request = await readImageRequest(ctx, isObject(body) ? body : {}, parts);
    await sendPictures(ctx, request, [], parts);
  };
  const edit: Middleware = async (ctx) => {
    const { files, fields } = await readForm(ctx, FORM);
    if (files.length === 0) {
      throw missing('image', ', the picture to edit');
    }
    const types = files.map(typeOfPicture);
    const request = await readImageRequest(ctx, fields, parts);
    await sendPictures(ctx, request, await liftPictures(ctx, files, types), parts);
  };
  router.post(under('/images/generations'), generate);
  router.post(under('/images/edits'), edit);
};

const FORM = {
  files: ['image', 'image[]'],
  mostFiles: 14,
  lists: [],
  refused: new Map([
    ['mask', "'mask': Gemini edits by words alone. Leave it out, and say in the prompt what is to change."],
  ]),
};

const typeOfPicture = ({ name, bytes }: SentFile, index: number, { length }: readonly SentFile[]): string => {
  const type = sniffMediaType(bytes.toString('base64', 0, SNIFFED_BYTES));
  if (type?.startsWith('image/')) return type;
  const which = length === 1 ? `'${name}'` : `'${name}' number ${index + 1}`;
  throw refusal('invalid_value', name, `${which} is no picture: send png, jpeg, webp, heic or gif.`);
};

/** As data URLs with a name in place of each picture, as of a body that was sent: all calls write the same bytes. */
const liftPictures = async (
  ctx: Context,
  files: readonly SentFile[],
  types: readonly string[],
): Promise<readonly string[]> => {
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  await takeWorkMemory(ctx, { isHeavy: false, workBytes: bytes > LONG_BYTES ? Math.ceil(bytes / 3) * 4 : 0 });
  const prefix = newPrefix(ctx);
  const texts: (readonly Buffer[])[] = [];
  for (const file of files) texts.push(await toBase64(file.bytes));
  ctx.state.payloads = { prefix, texts };
  return types.map((type, index) => `data:${type};base64,${payloadName(prefix, index)}`);
};

/** What is written by itself is of whole groups of three bytes. */
const STRETCH_BYTES = 3 * LONG_BYTES;

const toBase64 = async (bytes: Buffer): Promise<readonly Buffer[]> => {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += STRETCH_BYTES) {
    if (at > 0) await turn();
    pieces.push(Buffer.from(bytes.toString('base64', at, Math.min(at + STRETCH_BYTES, bytes.length)), 'latin1'));
  }
  return pieces;
};

const SNIFFED_BYTES = 48;

const sendPictures = async (
  ctx: Context,
  request: ImageRequest,
  pictures: readonly string[],
  parts: FormatParts,
): Promise<void> => {
  const prepared = await prepareChat(ctx, readChatRequest(toChat(request, pictures)), 'img-', parts);
  tellIgnored(ctx, request.ignored);
  const ended = new AbortController();
  const signal = AbortSignal.any([signalOf(ctx), ended.signal]);
  const answer = new LongAnswer(ctx, MOST_BYTES);
  await answer.add(`{"created":${prepared.reply.createdAt},"data":[`);
  let count = 0;
  // Written as each comes: ten pictures of 30 MB, and one text of them all, are more than a small container has.
  const paint = async (): Promise<TokenUsage> => {
    try {
      const { urls, tokens } = await paintOne(prepared, parts, signal);
      for (const url of urls) {
        const json = JSON.stringify(request.asUrl ? { url } : { b64_json: url.slice(url.indexOf(',') + 1) });
        count += 1;
        await answer.add(count === 1 ? json : `,${json}`);
      }
      return tokens;
    } catch (error) {
      ended.abort(error);
      throw error;
    }
  };
  const tokens = await Promise.all(Array.from({ length: request.count }, paint));
  await answer.add(`],"usage":${JSON.stringify(toImageUsage(sumOfUsage(tokens)))}}`);
  await answer.send();
};

/** Ten of the largest that models paint, in base64. */
const MOST_BYTES = 256 * 1024 * 1024;

const toChat = ({ model, prompt, config }: ImageRequest, pictures: readonly string[]) => ({
  model,
  messages: [
    {
      role: 'user',
      content:
        pictures.length === 0
          ? prompt
          : [...pictures.map((url) => ({ type: 'image_url', image_url: { url } })), { type: 'text', text: prompt }],
    },
  ],
  modalities: ['text', 'image'],
  ...(config && { image_config: config }),
});

interface Painting {
  /** Data URLs. */
  readonly urls: readonly string[];
  readonly tokens: TokenUsage;
}

const paintOne = async (
  { call, reading, reply }: Prepared,
  { upstream }: FormatParts,
  signal: AbortSignal,
): Promise<Painting> => {
  const gathered = new GatheredAnswer(reading);
  const reader = new AnswerReader(reading, reply, gathered);
  await reader.readAll(await upstream.generate(call, signal));
  reader.end();
  const [choice] = gathered.choices();
  const urls = choice?.images.map((image) => image.image_url.url) ?? [];
  if (urls.length > 0) return { urls, tokens: reader.tokens() };
  const said = choice?.refusal ?? choice?.content ?? '';
  if (choice?.finish.reason === 'content_filter') {
    throw failed('content_filter', `Google refused to paint this: ${said}`, { param: 'prompt' });
  }
  const words = said === '' ? '' : `, it said: ${said.slice(0, 500)}`;
  throw failed('upstream_empty_response', `The model painted nothing${words}`);
};

const toImageUsage = ({ input, output, total, thoughts, inputBy, outputBy }: TokenUsage) => ({
  input_tokens: input,
  output_tokens: output,
  total_tokens: total,
  input_tokens_details: detailsOf(inputBy, input, 'text'),
  ...(Object.keys(outputBy).length > 0 && {
    output_tokens_details: detailsOf({ ...outputBy, text: (outputBy.text ?? 0) + thoughts }, output, 'image'),
  }),
});

/** Words and pictures both, always: LiteLLM refuses usage without them. `rest`: what tokens of no told kind are taken for. */
const detailsOf = (told: TokensByModality, all: number, rest: 'text' | 'image') => {
  const both = { ...told, text: told.text ?? 0, image: told.image ?? 0 };
  const known = Object.values(both).reduce((sum, tokens) => sum + tokens, 0);
  return toModalityTokens({ ...both, [rest]: both[rest] + Math.max(0, all - known) });
};
