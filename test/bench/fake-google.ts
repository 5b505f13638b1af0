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

const answer = (parts: readonly object[], finishReason?: string): string =>
  JSON.stringify({
    response: {
      candidates: [
        { content: { role: 'model', parts }, ...(finishReason !== undefined && { finishReason }), index: 0 },
      ],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 12, totalTokenCount: 21 },
      modelVersion: 'gemini-2.5-flash',
      responseId: 'bench',
    },
    traceId: 'bench',
  });

const event = (json: string): string => `data: ${json}\r\n\r\n`;
const word = (index: number): string => ` word ${index} of a sentence that is about as long as a token chunk`;

const SMALL = Buffer.from(answer([{ text: 'A short answer of a dozen words, as a chat gives it.' }], 'STOP'));
const TOOL = Buffer.from(
  answer([{ functionCall: { name: 'get_weather', args: { city: 'Oslo', days: 3, unit: 'celsius' } } }], 'STOP'),
);
const EVENTS = Array.from({ length: BURST_EVENTS }, (_, index) =>
  event(answer([{ text: word(index) }], index === BURST_EVENTS - 1 ? 'STOP' : undefined)),
);
const BURST = EVENTS.map((text) => Buffer.from(text));
const PACED = Array.from({ length: PACED_EVENTS }, (_, index) =>
  Buffer.from(event(answer([{ text: word(index) }], index === PACED_EVENTS - 1 ? 'STOP' : undefined))),
);
const FIRST = Buffer.from(event(answer([{ text: 'open' }])));
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
const sendBurst = (response: ServerResponse): void => {
  response.writeHead(200, SSE_HEAD);
  response.cork();
  for (const bytes of BURST) response.write(bytes);
  response.uncork();
  response.end();
};

const sendPaced = (response: ServerResponse): void => {
  response.writeHead(200, SSE_HEAD);
  let index = 0;
  const timer = setInterval(() => {
    response.write(PACED[index]);
    index += 1;
    if (index < PACED.length) return;
    clearInterval(timer);
    response.end();
  }, PACED_GAP_MS);
  response.on('close', () => {
    clearInterval(timer);
  });
};

const holdOpen = (response: ServerResponse): void => {
  response.writeHead(200, SSE_HEAD);
  response.write(FIRST);
  openStreams += 1;
  response.on('close', () => {
    openStreams -= 1;
  });
};

/** What to play stands in the model's name, so that the body need not be parsed. */
const play = (head: string, url: string, response: ServerResponse): void => {
  calls += 1;
  if (head.includes('bench-burst')) sendBurst(response);
  else if (head.includes('bench-paced')) sendPaced(response);
  else if (head.includes('bench-open')) holdOpen(response);
  else if (head.includes('bench-slow'))
    setTimeout(() => {
      sendJson(response, SMALL);
    }, SLOW_FIRST_BYTE_MS);
  else if (head.includes('bench-tool')) sendJson(response, TOOL);
  else if (url.includes('stream')) response.writeHead(200, SSE_HEAD).end(event(SMALL.toString()));
  else sendJson(response, SMALL);
};

const HEAD_BYTES = 4096;

const serve = (request: IncomingMessage, response: ServerResponse): void => {
  const url = request.url ?? '';
  if (url === '/stats') {
    sendJson(response, Buffer.from(JSON.stringify({ calls, discoveries, openStreams })));
    return;
  }
  let head = '';
  request.on('data', (bytes: Buffer) => {
    if (head.length < HEAD_BYTES) head += bytes.toString('latin1', 0, HEAD_BYTES);
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
