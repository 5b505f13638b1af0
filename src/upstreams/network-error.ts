/** What undici and the system say when an exchange fails, as errors a person can act on. */
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { foreignAnswer } from '../errors/answers.ts';
import { errors } from '../engine/undici.ts';

export interface Peer {
  readonly url: URL;
  readonly proxy: string | undefined;
}

export const noHeadInTime = ({ url }: Peer, limitMs: number): RelayError =>
  failed(
    'upstream_timeout',
    `${url.host} took the request, but did not begin to answer within ${seconds(limitMs)} (FIRST_BYTE_TIMEOUT_MS).`,
    { fix: 'Try again, or raise the limit.' },
  );

export const silentTooLong = ({ url }: Peer, limitMs: number): RelayError =>
  failed(
    'upstream_timeout',
    `${url.host} fell silent in the middle of its answer for ${seconds(limitMs)} (IDLE_TIMEOUT_MS).`,
    { fix: 'Try again, or raise the limit.' },
  );

/** No response head came. `started`: a connection stood, and the request was on its way. */
export const noAnswer = (error: unknown, started: boolean, peer: Peer): RelayError => {
  const code = codeOf(error);
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) {
    return foreignAnswer(`${peer.url.host} answered with something that is not HTTP.`, error);
  }
  if (started) {
    return failed('upstream_closed', `${peer.url.host} closed the connection without an answer.`, {
      fix: 'Try again.',
      cause: error,
    });
  }
  const route = peer.proxy === undefined ? '' : ` (proxy: ${peer.proxy})`;
  return failed('upstream_unreachable', `The relay cannot reach ${peer.url.host}${route}: ${explain(error, code)}.`, {
    fix: 'Check the network, DNS, HTTPS_PROXY and firewall of the machine that runs the relay.',
    ...(isFinal(code) && { tries: 1 }),
    cause: error,
  });
};

/** The head came, the rest did not. */
export const brokenBody = (error: unknown, peer: Peer): RelayError =>
  failed('upstream_closed', `${peer.url.host} broke off in the middle of its answer.`, {
    fix: 'Try again.',
    cause: error,
  });

/** Undici wraps some causes; the innermost code says most. */
const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return '';
  const inner = error.cause === undefined ? '' : codeOf(error.cause);
  if (inner !== '') return inner;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
};

/** Node reads it before there is a `.env`. */
const FURTHER = 'NODE_EXTRA_CA_CERTS, in the real environment and not in .env, names further authorities';

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'name resolution does not answer',
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was reset while it was being made',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no network',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out (CONNECT_TIMEOUT_MS)',
  // Of the answer to CONNECT: all other limits on heads are kept by the relay itself.
  UND_ERR_HEADERS_TIMEOUT: 'the proxy does not answer (CONNECT_TIMEOUT_MS)',
  UND_ERR_PRX_TLS: 'the TLS certificate of the proxy is not valid',
  UND_ERR_SOCKS5_AUTH_FAILED: 'the proxy refuses the user name and password',
  UND_ERR_SOCKS5_AUTH_REJECTED: 'the proxy asks for a user name and password',
  UND_ERR_SOCKS5_REPLY_2: 'the proxy does not allow it',
  UND_ERR_SOCKS5_REPLY_4: 'the proxy finds no way to it',
  UND_ERR_SOCKS5_REPLY_5: 'the proxy finds the connection refused',
  CERT_HAS_EXPIRED: 'its TLS certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: `its TLS certificate is self-signed (${FURTHER})`,
  SELF_SIGNED_CERT_IN_CHAIN: `its TLS certificate is self-signed (${FURTHER})`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `its TLS certificate is from an unknown authority (${FURTHER})`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `its TLS certificate is from an unknown authority (${FURTHER})`,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its TLS certificate is for another name',
};

const explain = (error: unknown, code: string): string => {
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  if (reason !== undefined) return reason;
  // A tunnel that the proxy refused: "Proxy response (407) !== 200 when HTTP Tunneling".
  const refused = error instanceof Error ? /^Proxy response \((\d{3})\)/.exec(error.message)?.[1] : undefined;
  if (refused === '407') return 'the proxy asks for a user name and password';
  if (refused !== undefined) return `the proxy refuses with ${refused}`;
  return code === '' ? 'the connection failed' : `the connection failed (${code})`;
};

/** Trying again does not repair a certificate, or a proxy's refusal. */
const isFinal = (code: string): boolean => /CERT|SELF_SIGNED|^UND_ERR_(?:PRX_TLS|ABORTED|SOCKS5_AUTH)/.test(code);

const seconds = (ms: number): string => (ms < 10_000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`);
