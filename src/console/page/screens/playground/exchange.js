/** One question to the relay and its answer, kept as it goes over the wire. */
import { readEvents } from '../../lib/event-stream.js';
import { RELAY } from '../../lib/place.js';

/** More of an answer than this is not kept for looking at. */
const MOST_RAW = 400_000;

/** @typedef {import('./languages/language.d.ts').Piece} Piece */

/**
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} address
 * @property {string} body
 * @property {Readonly<Record<string, string>>} headers Without the secret.
 * @property {number | undefined} status
 * @property {readonly (readonly [string, string])[]} answerHeaders
 * @property {string} raw
 */

const SECRET = '$RELAY_KEY';

/** What will be sent. @param {import('./languages/language.d.ts').ClientLanguage} language @param {import('./languages/language.d.ts').Asked} asked @returns {Exchange} */
export const openExchange = (language, asked) => ({
  method: 'POST',
  address: new URL(language.path(asked), RELAY).href,
  body: JSON.stringify(language.body(asked), null, 2),
  headers: { 'content-type': 'application/json', ...language.headers(SECRET) },
  status: undefined,
  answerHeaders: [],
  raw: '',
});

/**
 * Sends it, and tells what comes, piece by piece.
 *
 * @param {{ exchange: Exchange, language: import('./languages/language.d.ts').ClientLanguage, stream: boolean, secret: string,
 *   onPieces: (pieces: readonly Piece[]) => void, onExchange: (exchange: Exchange) => void, signal: AbortSignal }} needs
 */
export const runExchange = async ({ exchange, language, stream, secret, onPieces, onExchange, signal }) => {
  let known = exchange;
  /** @param {Partial<Exchange>} more */
  const note = (more) => {
    known = { ...known, ...more };
    onExchange(known);
  };
  /** @param {string} text */
  const noteRaw = (text) => {
    if (known.raw.length < MOST_RAW) note({ raw: known.raw + text });
  };
  const response = await fetch(exchange.address, {
    method: exchange.method,
    headers: { ...exchange.headers, ...language.headers(secret) },
    body: exchange.body,
    signal,
  });
  note({ status: response.status, answerHeaders: [...response.headers] });
  const reader = language.reader();
  if (response.ok && stream) {
    for await (const { name, data } of readEvents(response, noteRaw)) {
      if (data !== '[DONE]') onPieces(reader.event(JSON.parse(data), name));
    }
    return response.status;
  }
  const text = await response.text();
  noteRaw(indented(text));
  const body = parsed(text);
  if (response.ok) onPieces(reader.whole(body));
  else onPieces([{ kind: 'trouble', message: messageOf(body) ?? `HTTP ${response.status}` }]);
  return response.status;
};

/** @param {string} text */
const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** @param {string} text */
const indented = (text) => {
  const value = parsed(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
};

/** @param {any} body @returns {string | undefined} */
const messageOf = (body) => {
  const first = Array.isArray(body) ? body[0] : body;
  return first?.error?.message;
};

/** The same on a command line; the key is a variable of the shell. @param {Exchange} exchange */
export const toCurl = ({ address, headers, body }) => {
  const given = Object.entries(headers).map(([name, value]) => `-H "${name}: ${value}"`);
  const shortened = body.replaceAll(/"((?:data:[^"]{0,60};base64,)?[A-Za-z0-9+/=]{400,})"/g, '"…"');
  return [`curl -N '${address}'`, ...given, `-d '${shortened.replaceAll("'", "'\\''")}'`].join(' \\\n  ');
};
