/** Bytes of files on their way to Google: never held, in one request or in many. */
import type { Context } from 'koa';
import { failed } from '../../../errors.ts';
import type { RelayError } from '../../../errors.ts';
import { FILE } from '../../../gemini/kept-kinds.ts';
import type { Passage, Passed } from '../../../gemini/kept.ts';
import { beginUpload, uploadName } from '../../../gemini/uploads.ts';
import { readJsonBytes } from '../../../http/body.ts';
import { bodyPieces } from '../../../http/body-pieces.ts';
import { sendPassed } from '../../../http/pass.ts';
import { isObject } from '../../../json.ts';
import { askerOf } from '../../asker.ts';
import type { FormatParts } from '../../format.ts';
import type { KeptAddress } from './address.ts';
import { answerHeaders } from './headers.ts';
import { passageOf } from './passage.ts';

/** An upload in several requests is made at the first, and belongs to who began it. */
export const upload = async (ctx: Context, parts: FormatParts, address: KeptAddress): Promise<void> => {
  const passed = await passedUpload(ctx, parts, address);
  await sendPassed(ctx, { ...passed, headers: answerHeaders(ctx, passed) });
};

const passedUpload = async (ctx: Context, parts: FormatParts, address: KeptAddress): Promise<Passed> => {
  const { headers } = ctx.req;
  const id = ctx.query['upload_id'];
  if (typeof id === 'string') {
    return streamed(ctx, address, (passage) => parts.keeper.ask(uploadName(id), passage, askerOf(ctx), FILE));
  }
  const protocol = String(headers['x-goog-upload-protocol'] ?? ctx.query['uploadType'] ?? '').toLowerCase();
  const command = String(headers['x-goog-upload-command'] ?? 'start').toLowerCase();
  switch (protocol) {
    case 'resumable':
      if (command !== 'start') {
        throw refusal('x-goog-upload-command', `'${command}' goes to the address that "start" was answered with.`);
      }
      return begin(ctx, parts, address);
    case 'multipart':
    case 'raw':
    case 'media':
      return streamed(ctx, address, (passage) => parts.keeper.create(passage, { made: FILE, names: [] }, askerOf(ctx)));
    case '':
      throw refusal('x-goog-upload-protocol', 'this header is required: "resumable", "multipart" or "raw".');
    default:
      throw refusal(
        'x-goog-upload-protocol',
        `'${protocol.slice(0, 40)}' is not known: "resumable", "multipart" or "raw".`,
      );
  }
};

/** An upload of several requests. */
const begin = async (ctx: Context, { keeper, system }: FormatParts, address: KeptAddress): Promise<Passed> => {
  const { bytes, body } = await readJsonBytes(ctx);
  const passage = passageOf(ctx, address, [bytes]);
  return (await beginUpload(keeper, passage, claimIn(body), askerOf(ctx), system.now())).passed;
};

const streamed = async (
  ctx: Context,
  address: KeptAddress,
  send: (passage: Passage) => Promise<Passed>,
): Promise<Passed> => {
  const pieces = bodyPieces(ctx);
  try {
    return await send(inPieces(ctx, address, pieces));
  } catch (error) {
    // Before anybody answers: what still comes is to be read and thrown away.
    void pieces.return();
    throw error;
  }
};

const inPieces = (ctx: Context, address: KeptAddress, pieces: AsyncIterable<Buffer>): Passage => {
  const passage = passageOf(ctx, address, pieces);
  const length = ctx.req.headers['content-length'];
  // Nothing is sent in one piece: with a body in pieces comes no length, and Google would wait for its end.
  if (length === '0') return { ...passage, body: '', headers: { ...passage.headers, 'content-length': '0' } };
  return length === undefined ? passage : { ...passage, headers: { ...passage.headers, 'content-length': length } };
};

/** The name that the client chose for the file. */
const claimIn = (body: unknown): string | undefined => {
  const file = isObject(body) ? body['file'] : undefined;
  return isObject(file) && typeof file['name'] === 'string' && file['name'] !== '' ? file['name'] : undefined;
};

const refusal = (param: string, problem: string): RelayError =>
  failed('invalid_value', `${param}: ${problem}`, { param });
