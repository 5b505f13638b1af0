/** One question to the relay and its answer, kept as it goes over the wire. */
import { readEvents } from '../../lib/event-stream.js';
import { RELAY } from '../../lib/place.js';
import { gather } from './gather.js';

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
 * @property {readonly string[]} raw As it came, in pieces: one joins them who looks at them. It grows while the answer comes.
 * @property {number} [firstAt] When the first piece came, by the page's own clock.
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
  raw: [],
});

/**
 * Sends it, and tells what comes, a frame's pieces at a time.
 *
 * @param {{ exchange: Exchange, language: import('./languages/language.d.ts').ClientLanguage, stream: boolean, secret: string,
 *   onMore: (exchange: Exchange, pieces: readonly Piece[]) => void, signal: AbortSignal }} needs
 */
export const runExchange = async ({ exchange, language, stream, secret, onMore, signal }) => {
  /** @type {string[]} */
  const raw = [];
  let rawLength = 0;
  let known = { ...exchange, raw };
  const gathered = gather((/** @type {readonly Piece[]} */ pieces) => {
    // Another object, for what it holds has changed.
    onMore({ ...known }, pieces);
  });
  /** @param {string} text */
  const noteRaw = (text) => {
    if (rawLength >= MOST_RAW) return;
    raw.push(text);
    rawLength += text.length;
    gathered.add([]);
  };
  /** @param {readonly Piece[]} pieces */
  const note = (pieces) => {
    if (pieces.length === 0) return;
    known.firstAt ??= performance.now();
    gathered.add(pieces);
  };
  const response = await fetch(exchange.address, {
    method: exchange.method,
    headers: { ...exchange.headers, ...language.headers(secret) },
    body: exchange.body,
    signal,
  });
  known = { ...known, status: response.status, answerHeaders: [...response.headers] };
  gathered.add([]);
  const reader = language.reader();
  try {
    if (response.ok && stream) {
      for await (const { name, data } of readEvents(response, noteRaw)) {
        if (data !== '[DONE]') note(reader.event(JSON.parse(data), name));
      }
      return response.status;
    }
    const text = await response.text();
    noteRaw(indented(text));
    const body = parsed(text);
    if (response.ok) note(reader.whole(body));
    else note([{ kind: 'trouble', message: messageOf(body) ?? `HTTP ${response.status}` }]);
    return response.status;
  } finally {
    gathered.finish();
  }
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
