/** The Files API: uploads in one request or in many, and what is known of a file. */
import { createHash } from 'node:crypto';
import type { Project } from '../api-keys.ts';
import type { Ask } from '../exchange.ts';
import { GoogleError, invalidArgument, notFound, permissionDenied } from '../google-error.ts';
import { readMessage } from '../read-message.ts';
import { bytes, jsonReply } from '../reply.ts';
import type { Reply } from '../reply.ts';
import { fieldsListOf, fieldsOf, stringOf } from '../values.ts';
import type { Fields } from '../values.ts';
import { VOCABULARIES } from '../vocabulary.ts';
import { pageReply } from './needs.ts';
import type { KeptAsk, KeptNeeds } from './needs.ts';
import { newId, timeAfter } from './shelf.ts';
import type { KeptFile, UploadSession } from './shelf.ts';

const DAY_MS = 86_400_000;
/** Pieces of an upload but the last come in multiples of it. */
const GRANULARITY = 262_144;
const ADDRESS = 'https://generativelanguage.googleapis.com/v1beta/';
const LARGEST = 2 * 1024 ** 3;

const hidden = (name: string): GoogleError =>
  permissionDenied(`You do not have permission to access the File ${name.replace('files/', '')} or it may not exist.`);

const findFile = ({ kept }: KeptNeeds, name: string, project: Project): KeptFile => {
  const file = kept.files.find(name, project);
  if (!file) throw hidden(name);
  return file;
};

interface NewFile {
  readonly project: Project;
  readonly metadata: Fields;
  readonly mimeType: string;
  readonly sizeBytes: number;
  readonly sha256: Buffer;
  readonly content?: KeptFile['content'];
}

export const addFile = ({ kept, now }: KeptNeeds, file: NewFile): Fields => {
  const { project, metadata, mimeType, sizeBytes, sha256, content } = file;
  const name = stringOf(metadata.name) || `files/${newId()}`;
  // Videos are looked at before they can be used.
  const pending = mimeType.startsWith('video/') && !content ? 1 : 0;
  const fields: Fields = {
    name,
    ...(metadata.displayName !== undefined && { displayName: metadata.displayName }),
    mimeType,
    sizeBytes: String(sizeBytes),
    createTime: timeAfter(now(), 0),
    updateTime: timeAfter(now(), 0),
    expirationTime: timeAfter(now(), 2 * DAY_MS),
    sha256Hash: Buffer.from(sha256.toString('hex')).toString('base64'),
    uri: ADDRESS + name,
    ...(content && { downloadUri: `${ADDRESS}${name}:download?alt=media` }),
    state: pending > 0 ? 'PROCESSING' : 'ACTIVE',
    source: content ? 'GENERATED' : 'UPLOADED',
  };
  kept.files.put(name, { project, fields, content, pending });
  return fields;
};

const metadataIn = ({ kept }: KeptNeeds, text: string): Fields => {
  const file = text === '' ? {} : fieldsOf(readMessage(VOCABULARIES['gemini-api'], 'CreateFileRequest', text).file);
  const { name, displayName } = file;
  if (name !== undefined && !/^files\/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(stringOf(name))) {
    throw invalidArgument(
      '* CreateFileRequest.file.name: The file id must contain only lowercase alphanumeric characters or dashes (-), must not begin or end with a dash, and may be up to 40 characters long.\n',
    );
  }
  if (stringOf(displayName).length > 512) {
    throw invalidArgument('* CreateFileRequest.file.display_name: must be at most 512 characters\n');
  }
  if (kept.files.has(stringOf(name))) {
    throw new GoogleError({ code: 409, status: 'ALREADY_EXISTS', message: 'Requested entity already exists' });
  }
  return file;
};

const header = ({ headers }: Ask, name: string): string => {
  const value = headers[`x-goog-upload-${name}`];
  return typeof value === 'string' ? value : '';
};

const NO_TYPE =
  "Failed to determine the file's MIME type: X-Goog-Upload-Header-Content-Type or file.mime_type is needed.";

/** The first request of an upload in many. */
export const startUpload = (needs: KeptNeeds, { ask, project }: KeptAsk): Reply => {
  if (header(ask, 'command') !== 'start') throw invalidArgument('X-Goog-Upload-Command: start is expected.');
  const metadata = metadataIn(needs, ask.text);
  const mimeType = header(ask, 'header-content-type') || stringOf(metadata.mimeType);
  if (mimeType === '') throw invalidArgument(NO_TYPE);
  const length = header(ask, 'header-content-length');
  if (Number(length) > LARGEST) throw invalidArgument('File size exceeds the maximum of 2147483648 bytes.');
  const id = `ABPmPhT${newId(40)}`;
  const session: UploadSession = {
    project,
    metadata,
    mimeType,
    lengthBytes: length === '' ? undefined : Number(length),
    receivedBytes: 0,
    hash: createHash('sha256'),
    status: 'active',
  };
  needs.kept.uploads.put(id, session);
  const address = `${needs.url()}/upload/v1beta/files?upload_id=${id}&upload_protocol=resumable`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '0',
      'x-goog-upload-status': 'active',
      'x-goog-upload-url': address,
      'x-goog-upload-control-url': address,
      'x-goog-upload-chunk-granularity': String(GRANULARITY),
    },
    steps: [],
  };
};

const uploadReply = (session: UploadSession, value?: Fields, code = 200): Reply => {
  const reply = value === undefined ? { status: code, headers: {}, steps: [] } : jsonReply(value, code);
  return {
    ...reply,
    headers: {
      ...reply.headers,
      'x-goog-upload-status': session.status,
      'x-goog-upload-size-received': String(session.receivedBytes),
    },
  };
};

const COMMANDS = /^(?:upload|finalize|upload, ?finalize|query|cancel)$/;

/** Another request of it. The address alone is the right to go on. */
export const continueUpload = async (needs: KeptNeeds, ask: Ask, session: UploadSession): Promise<Reply> => {
  const command = header(ask, 'command').trim();
  if (!COMMANDS.test(command)) throw invalidArgument(`Invalid X-Goog-Upload-Command: '${command}'.`);
  if (command === 'query') return uploadReply(session);
  if (session.status !== 'active') throw invalidArgument(`Upload has already been ${session.status}.`);
  if (command === 'cancel') {
    session.status = 'cancelled';
    return uploadReply(session);
  }
  if (command.startsWith('upload')) {
    const offset = header(ask, 'offset');
    if (offset !== String(session.receivedBytes)) {
      throw invalidArgument(`Invalid X-Goog-Upload-Offset: '${offset}', expected ${session.receivedBytes}.`);
    }
    let size = 0;
    for await (const piece of ask.body ?? []) {
      size += piece.length;
      session.receivedBytes += piece.length;
      session.hash.update(piece);
    }
    if (command === 'upload' && size % GRANULARITY !== 0) {
      throw invalidArgument(`Invalid upload size: not a multiple of ${GRANULARITY}.`);
    }
    if (command === 'upload') return uploadReply(session);
  }
  const { project, metadata, mimeType, receivedBytes, lengthBytes, hash } = session;
  if (lengthBytes !== undefined && lengthBytes !== receivedBytes) {
    throw invalidArgument(`Upload size ${receivedBytes} does not match the declared size of ${lengthBytes}.`);
  }
  session.status = 'final';
  const fields = addFile(needs, { project, metadata, mimeType, sizeBytes: receivedBytes, sha256: hash.digest() });
  return uploadReply(session, { file: fields });
};

const whole = async (ask: Ask): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of ask.body ?? []) pieces.push(piece);
  return Buffer.concat(pieces);
};

const hashed = (content: Buffer): Buffer => createHash('sha256').update(content).digest();

/** Metadata and bytes in one request (`multipart/related`), or the bytes alone. */
export const uploadAtOnce = async (
  needs: KeptNeeds,
  { ask, project }: KeptAsk,
  isMultipart: boolean,
): Promise<Reply> => {
  const type = ask.headers['content-type'] ?? '';
  const body = await whole(ask);
  if (!isMultipart) {
    if (type === '') throw invalidArgument(NO_TYPE);
    const file = { project, metadata: {}, mimeType: type, sizeBytes: body.length, sha256: hashed(body) };
    return jsonReply({ file: addFile(needs, file) });
  }
  const boundary = /^multipart\/(?:related|form-data)\s*;.*boundary="?([^";]+)/i.exec(type)?.[1];
  if (boundary === undefined) throw invalidArgument('Multipart body does not contain a boundary.');
  const parts = body
    .toString('latin1')
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const cut = part.indexOf('\r\n\r\n');
      return { head: part.slice(0, cut), content: Buffer.from(part.slice(cut + 4, -2), 'latin1') };
    });
  const [first, second] = parts;
  if (!first || !second || parts.length !== 2) throw invalidArgument('Multipart body does not contain 2 parts.');
  const metadata = metadataIn(needs, first.content.toString());
  const mimeType = /content-type:\s*([^\r\n;]+)/i.exec(second.head)?.[1] ?? stringOf(metadata.mimeType);
  if (mimeType === '') throw invalidArgument(NO_TYPE);
  const { content } = second;
  const file = { project, metadata, mimeType, sizeBytes: content.length, sha256: hashed(content) };
  return jsonReply({ file: addFile(needs, file) });
};

export const getFile = (needs: KeptNeeds, { name, project }: KeptAsk): Reply => {
  const file = findFile(needs, name, project);
  if (file.pending > 0) file.pending -= 1;
  else file.fields = { ...file.fields, state: 'ACTIVE' };
  return jsonReply(file.fields);
};

export const listFiles = ({ kept }: KeptNeeds, { ask, project }: KeptAsk): Reply =>
  pageReply(
    'files',
    kept.files.list(project).map(({ fields }) => fields),
    ask,
    10,
    100,
  );

export const deleteFile = (needs: KeptNeeds, { name, project }: KeptAsk): Reply => {
  findFile(needs, name, project);
  needs.kept.files.remove(name);
  return jsonReply({});
};

export const downloadFile = (needs: KeptNeeds, { ask, name, project }: KeptAsk): Reply => {
  const { content, fields } = findFile(needs, name, project);
  if (!content)
    throw invalidArgument(`File ${name.replace('files/', '')} is not a generated file and cannot be downloaded.`);
  if (ask.query.get('alt') !== 'media') throw notFound('Only alt=media downloads are supported.');
  const { piece, sizeBytes } = content;
  const pieces = Math.floor(sizeBytes / piece.length);
  const rest = sizeBytes % piece.length;
  return {
    status: 200,
    headers: { 'content-type': stringOf(fields.mimeType), 'content-length': String(sizeBytes) },
    steps: [
      ...Array.from({ length: pieces }, () => bytes(piece)),
      ...(rest > 0 ? [bytes(piece.subarray(0, rest))] : []),
    ],
  };
};

/** Throws where a request names a file that its project has not, or that is not ready. */
export const requireFiles = (needs: Pick<KeptNeeds, 'kept'>, project: Project, request: Fields): void => {
  for (const content of fieldsListOf(request.contents)) {
    for (const part of fieldsListOf(content.parts)) {
      if (part.fileData === undefined) continue;
      const uri = stringOf(fieldsOf(part.fileData).fileUri);
      if (/^files\//.test(uri)) throw invalidArgument(`Invalid or unsupported file uri: ${uri}`);
      if (!uri.startsWith(`${ADDRESS}files/`)) continue;
      const name = uri.slice(ADDRESS.length);
      const file = needs.kept.files.find(name, project);
      if (!file) throw hidden(name);
      if (file.fields.state !== 'ACTIVE') {
        throw new GoogleError({
          code: 400,
          status: 'FAILED_PRECONDITION',
          message: `The File ${name.replace('files/', '')} is not in an ACTIVE state and usage is not allowed.`,
        });
      }
    }
  }
};
