import { failed, RelayError } from '../errors.ts';
import type { Reason } from '../reasons.ts';
import type { Gate } from './gates.ts';

const MAX_HEADERS = 100;
const MAX_URL_LENGTH = 8192;

/**
 * What Node's parser lets pass or would drop in silence, and what it would answer itself, without the headers and words of
 * every answer.
 */
export const soundHandshakes: Gate = ({ req: { url = '', rawHeaders, httpVersion }, state: { requestHeaders } }) => {
  if (url.length > MAX_URL_LENGTH) {
    throw tooLong('uri_too_long', 414, `The address is longer than ${MAX_URL_LENGTH} characters.`);
  }
  if (rawHeaders.length > 2 * MAX_HEADERS) {
    throw tooLong('headers_too_large', 431, `The request has more than ${MAX_HEADERS} headers.`);
  }
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 'host'.length && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) {
    throw refusal('invalid_http', `The request has ${hosts === 0 ? 'no' : 'more than one'} Host header.`);
  }
  const { 'transfer-encoding': coding, expect } = requestHeaders;
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    throw refusal('unsupported_transfer_encoding', 'Of transfer-encoding the relay reads "chunked" alone.');
  }
  if (expect !== undefined && expect.trim().toLowerCase() !== '100-continue') {
    throw refusal('expectation_failed', 'Of Expect the relay knows "100-continue" alone.');
  }
  return undefined;
};

/** The same of who asks for no WebSocket, or for one where there is none. */
export const soundRequests: Gate = (ctx) => {
  const { upgrade } = ctx.state.requestHeaders;
  const passes = soundHandshakes(ctx);
  // Not of other upgrades: some clients offer HTTP/2 with each request, and go on without.
  if (upgrade !== undefined && upgrade.toLowerCase().includes('websocket')) {
    throw refusal('websocket_not_supported', 'There is no WebSocket at this address: send an ordinary HTTP request.');
  }
  return passes;
};

const tooLong = (reason: Reason, status: number, message: string): RelayError =>
  new RelayError('INVALID_ARGUMENT', message, { status, reason });

/** And the end of the connection: what follows on it may be meant otherwise than it would be read. */
const refusal = (reason: Reason, message: string): RelayError =>
  failed(reason, message, { headers: { connection: 'close' } });
