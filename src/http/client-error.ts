import type { Duplex } from 'node:stream';
import { RelayError } from '../errors.ts';
import type { Dialects } from './dialect.ts';
import { ownerOf } from './dialect.ts';
import { answerRaw } from './raw-answer.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** What Node's parser says of a request that never became one. */
interface ParserError extends Error {
  readonly code?: string;
  readonly rawPacket?: Buffer;
}

/** Answers what is no HTTP, or too large or too slow, in the words of the path's family, and closes. */
export const answerClientError = (error: ParserError, socket: Duplex, dialects: Dialects, requestId: string): void => {
  // An answer that has begun on this connection would be mixed with ours.
  const begun = (socket as { readonly _httpMessage?: { readonly _headerSent?: boolean } | null })._httpMessage
    ?._headerSent;
  if (error.code === 'ECONNRESET' || !socket.writable || begun) {
    socket.destroy();
    return;
  }
  // What stood in its headers is not known.
  const dialect = ownerOf(dialects, pathOf(error.rawPacket)) ?? dialects[0];
  const { status, headers, body } = dialect.renderError(toError(error.code), requestId);
  answerRaw(
    socket,
    status,
    {
      'content-type': 'application/json; charset=utf-8',
      ...headers,
      ...SECURITY_HEADERS,
      'x-request-id': requestId,
    },
    body,
  );
};

const toError = (code: string | undefined): RelayError => {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new RelayError('INVALID_ARGUMENT', 'The headers of the request are larger than 16 KiB.', {
        status: 431,
        reason: 'headers_too_large',
      });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RelayError('DEADLINE_EXCEEDED', 'The request arrived too slowly.', {
        status: 408,
        reason: 'request_too_slow',
      });
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new RelayError('INVALID_ARGUMENT', 'The chunk extensions of the request are too large.', {
        status: 413,
        reason: 'request_too_large',
      });
    default:
      return new RelayError('INVALID_ARGUMENT', 'The request is not valid HTTP/1.1.', { reason: 'invalid_http' });
  }
};

/** From the request line, where the bytes at hand begin with one. */
const pathOf = (packet: Buffer | undefined): string =>
  /^[A-Z]{3,10} (\/[^ ?\r\n]{0,500})/.exec(packet?.toString('latin1', 0, 600) ?? '')?.[1] ?? '/';
