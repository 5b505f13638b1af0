/**
 * The head of an answer as one text. Most of it is the same for all answers of a kind and is put together once; Node's
 * `writeHead` takes each header of each answer through six functions. Of the 1397 calls of a short answer this saves 71.
 * What depends on the connection (`Date`, `Connection`, `Keep-Alive`, the length or the chunks) is still Node's to add.
 */
import type { ServerResponse } from 'node:http';

export type HeadFields = Readonly<Record<string, string | number>>;

/** A head with status 200, but for what only its own answer has. */
export interface ReadyHead {
  readonly text: string;
  readonly fields: HeadFields;
  /** No answer may have another of these and still be written as one text. */
  readonly taken: ReadonlySet<string>;
}

/** Node reads how the answer ends and what becomes of its connection from these. */
const READ_BY_NODE = [
  ...['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'trailer', 'date', 'expect'],
  'content-disposition',
];

export const readyHead = (fields: HeadFields): ReadyHead => ({
  text: `HTTP/1.1 200 OK\r\n${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}`,
  fields,
  taken: new Set([...READ_BY_NODE, ...Object.keys(fields)]),
});

/** `own`: of this answer alone, names in small letters. `bytes`: of its body, where they are known. */
export const writeReadyHead = (answer: ServerResponse, head: ReadyHead, own: HeadFields, bytes?: number): void => {
  const lines = linesOf(own, head.taken);
  if (lines === undefined || !isPlain(answer)) {
    answer.writeHead(200, { ...head.fields, ...own, ...(bytes !== undefined && { 'content-length': bytes }) });
    return;
  }
  answer.statusCode = 200;
  answer.statusMessage = 'OK';
  // As Node does where it is given all of an answer before its head.
  if (bytes !== undefined) answer._contentLength = bytes;
  answer._storeHeader(head.text + lines);
};

/** Undefined where Node has to look at them: to follow one, or to refuse it. */
const linesOf = (own: HeadFields, taken: ReadonlySet<string>): string | undefined => {
  let lines = '';
  let values = '';
  for (const name in own) {
    if (taken.has(name)) return undefined;
    const value = String(own[name]);
    lines += `${name}: ${value}\r\n`;
    values += value;
  }
  return NOT_IN_A_VALUE.test(values) ? undefined : lines;
};

/** Node's own measure: else a value could end its line and begin another. */
const NOT_IN_A_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** What Node knows of an answer beside what it shows. */
interface Insides {
  readonly _hasBody: boolean;
  readonly _expect_continue: boolean;
  _contentLength: number | null;
  _storeHeader(text: string): void;
}

/** With a body, in HTTP/1.1, and nobody has anything of his own to do with its head. */
const isPlain = (answer: ServerResponse): answer is ServerResponse & Insides => {
  const { _storeHeader: store, _hasBody: hasBody, _expect_continue: asks } = answer as Partial<Insides>;
  return (
    store !== undefined &&
    hasBody === true &&
    asks === false &&
    answer.useChunkedEncodingByDefault &&
    // Also where a head is written already.
    !answer.statusMessage &&
    answer.getHeaderNames().length === 0 &&
    !Object.hasOwn(answer, 'writeHead')
  );
};
