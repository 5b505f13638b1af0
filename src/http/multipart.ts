/** Forms with files (`multipart/form-data`), read as they arrive: a file goes to whoever takes it, at that one's pace. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Busboy, BusboyConfig } from 'busboy';
import type { Context } from 'koa';
import { withCount } from '../count-words.ts';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { Pieces } from '../pieces.ts';
import { arrivedTooSlowly } from './body-in-place.ts';
import { bodyPieces } from './body-pieces.ts';
import { holdBytes } from './held-bytes.ts';

export interface FilePart {
  /** Of the field: `file`, `image[]`. */
  readonly name: string;
  /** What the client calls the file, without folders; undefined where it does not. */
  readonly filename: string | undefined;
  /** As the client says; `application/octet-stream` where it says nothing of use. */
  readonly mediaType: string;
  readonly bytes: AsyncIterable<Buffer>;
}

export interface Field {
  readonly name: string;
  readonly value: string;
}

export interface MultipartLimits {
  /** Files in one form. */
  readonly files: number;
  /** Further fields; 32 without it. */
  readonly fields?: number;
  /** Of the text of a field; 1 MiB without it. */
  readonly fieldBytes?: number;
  /** Nothing of it goes on before all of it is there: it has as long as any body, and comes back for its place then. */
  readonly isWhole?: boolean;
}

const FIELDS = 32;
const FIELD_BYTES = 1024 * 1024;

/**
 * Tells `onFile` each file when its first bytes are there, and resolves to the other fields, in their order, when the
 * whole form has come and all files are taken. A field may come behind a file. RelayErrors with a precise 4xx for what is
 * no such form; what `onFile` rejects with ends the reading at once.
 */
export const readMultipart = async (
  ctx: Context,
  limits: MultipartLimits,
  onFile: (file: FilePart) => Promise<void>,
): Promise<readonly Field[]> => {
  const parser = openParser(ctx, limits);
  const fields: Field[] = [];
  let fieldBytes = 0;
  const taken: Promise<void>[] = [];
  const broken = Promise.withResolvers<never>();
  const fail = (error: unknown): void => {
    broken.reject(error);
  };
  const failForm = (error: unknown): void => {
    fail(badForm(`cannot be read: ${error instanceof Error ? error.message : 'it is broken'}`));
  };
  // Its types promise more than it keeps: a part may have no name, and what is in a character set that it does not know
  // has no value.
  parser.on('field', (name: string | undefined, value: string | undefined, { nameTruncated, valueTruncated }) => {
    if (!name) {
      fail(badForm('has a part without a name'));
      return;
    }
    if (value === undefined) {
      fail(inOtherLetters(name));
      return;
    }
    if (nameTruncated || valueTruncated) {
      fail(tooLong(name));
      return;
    }
    const bytes = Buffer.byteLength(value);
    fieldBytes += bytes;
    try {
      holdBytes(ctx, bytes, fieldBytes);
      fields.push({ name, value });
    } catch (error) {
      fail(error);
    }
  });
  parser.on('file', (name: string | undefined, stream, { filename, mimeType }) => {
    stream.on('error', failForm);
    if (!name) {
      fail(badForm('has a part without a name'));
      return;
    }
    const given = filename || undefined;
    const work = onFile({ name, filename: given, mediaType: mimeType, bytes: stream as AsyncIterable<Buffer> });
    const taking = work.then(
      // What was not read of it would keep what follows from being read.
      () => void stream.resume(),
      (error: unknown) => {
        if (error === stream.errored) failForm(error);
        else fail(error);
      },
    );
    taken.push(taking);
  });
  parser.on('error', failForm);
  parser.on('filesLimit', () => {
    fail(badForm(`has more than ${withCount(limits.files, 'file')}`));
  });
  for (const event of ['fieldsLimit', 'partsLimit'] as const) {
    parser.on(event, () => {
      fail(badForm(`has more than ${limits.fields ?? FIELDS} fields`));
    });
  }
  const { server } = ctx.state;
  const clock = limits.isWhole === true ? server.deadlines(server.receiveTimeoutMs) : undefined;
  const deadline = clock?.start(() => {
    fail(arrivedTooSlowly());
  });
  const pieces = bodyPieces(ctx);
  const read = feed(pieces, parser).then(async () => {
    await Promise.all(taken);
    return fields;
  });
  read.catch(() => undefined);
  broken.promise.catch(() => undefined);
  try {
    const sent = await Promise.race([read, broken.promise]);
    if (limits.isWhole === true) await server.admission.comeBack(ctx);
    return sent;
  } finally {
    if (deadline) clock?.stop(deadline);
    parser.destroy();
    // Before anybody answers: a reader that comes to its end later would pause what is read and thrown away meanwhile.
    void pieces.return();
  }
};

const feed = async (pieces: AsyncIterable<Buffer>, parser: Busboy): Promise<void> => {
  const closed = once(parser, 'close');
  closed.catch(() => undefined);
  for await (const piece of pieces) {
    if (parser.destroyed) return;
    if (!parser.write(piece)) await roomIn(parser);
  }
  parser.end();
  await closed;
};

/** Or the end of it: what is destroyed never drains. */
const roomIn = (parser: Busboy): Promise<void> =>
  new Promise((resolve) => {
    if (parser.destroyed) {
      resolve();
      return;
    }
    const done = (): void => {
      parser.off('drain', done).off('close', done);
      resolve();
    };
    parser.on('drain', done).on('close', done);
  });

const openParser = (ctx: Context, limits: MultipartLimits): Busboy => {
  const { headers } = ctx.req;
  const { 'content-type': type = '', 'content-encoding': encoding = '' } = headers;
  if (!/^\s*multipart\/form-data\s*(?:;|$)/i.test(type)) {
    throw failed('unsupported_media_type', 'This address reads a form with files: send multipart/form-data.');
  }
  if (encoding !== '' && encoding.trim().toLowerCase() !== 'identity') {
    throw failed('unsupported_media_type', 'Send the form without a content-encoding: compressed ones are not read.');
  }
  const makeParser = loadBusboy();
  try {
    return makeParser({
      headers,
      defParamCharset: 'utf8',
      limits: {
        files: limits.files,
        fields: limits.fields ?? FIELDS,
        parts: limits.files + (limits.fields ?? FIELDS),
        fieldSize: limits.fieldBytes ?? FIELD_BYTES,
        fieldNameSize: LONGEST_NAME,
      },
    });
  } catch {
    throw badForm('names no boundary in its content-type');
  }
};

const LONGEST_NAME = 100;

/** Loaded with the first form that comes: no start needs it. */
const loadBusboy = (): ((config: BusboyConfig) => Busboy) =>
  createRequire(import.meta.url)('busboy') as (config: BusboyConfig) => Busboy;

/** A file that is needed whole, within MAX_BODY_BYTES and the memory for all bodies. */
export const wholeFile = async (ctx: Context, { bytes }: FilePart): Promise<Buffer> => {
  const pieces = new Pieces();
  for await (const piece of bytes) {
    holdBytes(ctx, piece.length, pieces.bytes + piece.length);
    pieces.add(piece);
  }
  return pieces.take();
};

const badForm = (problem: string): RelayError => failed('invalid_value', `The multipart form ${problem}.`);

const inOtherLetters = (name: string): RelayError =>
  failed('invalid_value', `The field '${name}' of the form is in a character set that is not read: send it as UTF-8.`, {
    param: name,
  });

const tooLong = (name: string): RelayError =>
  failed('invalid_value', `The field '${name.slice(0, LONGEST_NAME)}' of the form is too long.`, {
    param: name.slice(0, LONGEST_NAME),
  });
