/**
 * The fast fake of Google: every answer is made once, before the first request, and written as it is. It is no test of
 * correctness (src/simulator is); it only has to be faster than what is measured.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const BURST_EVENTS = 200;
const PACED_EVENTS = 25;
const PACED_GAP_MS = 20;
const SLOW_FIRST_BYTE_MS = 200;

type Write = (parts: readonly object[], finishReason?: string) => string;

const answerOf = (parts: readonly object[], finishReason?: string): object => ({
  candidates: [{ content: { role: 'model', parts }, ...(finishReason !== undefined && { finishReason }), index: 0 }],
  usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 12, totalTokenCount: 21 },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'bench',
});

/** Of Code Assist, which puts a wrapper around each. */
const wrapped: Write = (parts, finishReason) =>
  JSON.stringify({ response: answerOf(parts, finishReason), traceId: 'bench' });
/** Of the Gemini API, which other relays ask. */
const bare: Write = (parts, finishReason) => JSON.stringify(answerOf(parts, finishReason));

const event = (json: string): string => `data: ${json}\r\n\r\n`;
const word = (index: number): string => ` word ${index} of a sentence that is about as long as a token chunk`;

interface Answers {
  readonly small: Buffer;
  readonly tool: Buffer;
  readonly burst: readonly Buffer[];
  readonly paced: readonly Buffer[];
  readonly first: Buffer;
}

const words = (write: Write, count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) =>
    Buffer.from(event(write([{ text: word(index) }], index === count - 1 ? 'STOP' : undefined))),
  );

const answersOf = (write: Write): Answers => ({
  small: Buffer.from(write([{ text: 'A short answer of a dozen words, as a chat gives it.' }], 'STOP')),
  tool: Buffer.from(
    write([{ functionCall: { name: 'get_weather', args: { city: 'Oslo', days: 3, unit: 'celsius' } } }], 'STOP'),
  ),
  burst: words(write, BURST_EVENTS),
  paced: words(write, PACED_EVENTS),
  first: Buffer.from(event(write([{ text: 'open' }]))),
});

const OF_CODE_ASSIST = answersOf(wrapped);
const OF_THE_GEMINI_API = answersOf(bare);
const PROJECT = Buffer.from(
  JSON.stringify({ currentTier: { id: 'standard-tier' }, cloudaicompanionProject: 'bench-project', allowedTiers: [] }),
);

let calls = 0;
let discoveries = 0;
let openStreams = 0;

const JSON_HEAD = { 'content-type': 'application/json; charset=UTF-8' };
const SSE_HEAD = { 'content-type': 'text/event-stream' };

const sendJson = (response: ServerResponse, body: Buffer): void => {
  response.writeHead(200, { ...JSON_HEAD, 'content-length': body.length });
  response.end(body);
};

/** At once, but each event in an HTTP chunk of its own, as Google writes them. */
const sendBurst = (response: ServerResponse, burst: readonly Buffer[]): void => {
  response.writeHead(200, SSE_HEAD);
  response.cork();
  for (const bytes of burst) response.write(bytes);
  response.uncork();
  response.end();
};

const sendPaced = (response: ServerResponse, paced: readonly Buffer[]): void => {
  response.writeHead(200, SSE_HEAD);
  let index = 0;
  const timer = setInterval(() => {
    response.write(paced[index]);
    index += 1;
    if (index < paced.length) return;
    clearInterval(timer);
    response.end();
  }, PACED_GAP_MS);
  response.on('close', () => {
    clearInterval(timer);
  });
};

const holdOpen = (response: ServerResponse, first: Buffer): void => {
  response.writeHead(200, SSE_HEAD);
  response.write(first);
  openStreams += 1;
  response.on('close', () => {
    openStreams -= 1;
  });
};

/** What to play stands in the model's name, so that the body need not be parsed. */
const play = (asked: string, url: string, response: ServerResponse): void => {
  calls += 1;
  const { small, tool, burst, paced, first } = url.startsWith('/v1internal') ? OF_CODE_ASSIST : OF_THE_GEMINI_API;
  if (asked.includes('bench-burst')) sendBurst(response, burst);
  else if (asked.includes('bench-paced')) sendPaced(response, paced);
  else if (asked.includes('bench-open')) holdOpen(response, first);
  else if (asked.includes('bench-slow'))
    setTimeout(() => {
      sendJson(response, small);
    }, SLOW_FIRST_BYTE_MS);
  else if (asked.includes('bench-tool')) sendJson(response, tool);
  else if (url.includes('stream')) response.writeHead(200, SSE_HEAD).end(event(small.toString()));
  else sendJson(response, small);
};

const HEAD_BYTES = 4096;

const serve = (request: IncomingMessage, response: ServerResponse): void => {
  const url = request.url ?? '';
  if (url === '/stats') {
    sendJson(response, Buffer.from(JSON.stringify({ calls, discoveries, openStreams })));
    return;
  }
  // The Gemini API has the model in the address.
  let head = url;
  request.on('data', (bytes: Buffer) => {
    if (head.length < HEAD_BYTES + url.length) head += bytes.toString('latin1', 0, HEAD_BYTES);
  });
  request.on('end', () => {
    if (url.endsWith(':loadCodeAssist')) {
      discoveries += 1;
      sendJson(response, PROJECT);
    } else {
      play(head, url, response);
    }
  });
};

const server = createServer({ keepAliveTimeout: 60_000 }, serve);
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
