/** Throws messages at the WebSocket of Responses: hostile bodies in whole and broken frames, and bytes that are none. */
import type { Socket } from 'node:net';
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { openSocket } from '../support/responses-socket.ts';
import type { ResponsesSocket } from '../support/responses-socket.ts';
import { frameBody } from './inputs.ts';

interface Message {
  readonly body: string;
  /** As text its bytes may be no UTF-8, which ends the socket. */
  readonly binary: boolean;
  readonly pieces: number;
  readonly pings: boolean;
}

/** Of one socket: messages, and at the end perhaps bytes that are no frames. */
interface Talk {
  readonly messages: readonly Message[];
  readonly bytes: Uint8Array | undefined;
}

const talk: Arbitrary<Talk> = fc.record({
  messages: fc.array(
    fc.record({
      body: frameBody,
      binary: fc.boolean(),
      pieces: fc.constantFrom(1, 1, 1, 2, 7),
      pings: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  bytes: fc.option(fc.uint8Array({ minLength: 1, maxLength: 200 }), { nil: undefined, freq: 3 }),
});

export interface FramesResult {
  readonly problems: readonly string[];
  /** Of answers and of errors, by type and status. */
  readonly endings: Readonly<Record<string, number>>;
}

const TALKS_AT_ONCE = 8;
const ANSWER_MS = 10_000;
const MOST_PROBLEMS = 20;

export const runFrames = async (seed: number, talks: number): Promise<FramesResult> => {
  const relay = await startRelay({ env: { FETCH_REMOTE_IMAGES: 'false', LOG_LEVEL: 'info' } });
  const problems: string[] = [];
  const endings: Record<string, number> = {};
  const onEscape = (error: unknown): void => {
    problems.push(`escaped: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  process.on('uncaughtException', onEscape).on('unhandledRejection', onEscape);
  try {
    for (let done = 0; done < talks && problems.length < MOST_PROBLEMS; done += TALKS_AT_ONCE) {
      const batch = fc.sample(talk, { seed: (seed + done) | 0, numRuns: Math.min(TALKS_AT_ONCE, talks - done) });
      const found = await Promise.all(batch.map((each) => hold(relay, each, endings)));
      for (const [index, each] of found.entries()) {
        if (each !== undefined) problems.push(`talk ${done + index}: ${each} ${JSON.stringify(batch[index])}`);
      }
      relay.simulator.clear();
      relay.logs.length = 0;
    }
    const { status } = await relay.fetch('/livez');
    if (status !== 200) problems.push('the relay does not live any more');
    const health = (await (await relay.fetch('/health')).json()) as { readonly requests: { readonly active: number } };
    if (health.requests.active > 1) problems.push(`${health.requests.active} requests are open that nobody asks`);
    return { problems, endings };
  } finally {
    process.off('uncaughtException', onEscape).off('unhandledRejection', onEscape);
    await relay.close();
  }
};

/** What is wrong with the answers, if anything is. */
const hold = async (
  relay: TestRelay,
  { messages, bytes }: Talk,
  endings: Record<string, number>,
): Promise<string | undefined> => {
  const socket = await openSocket(`${relay.url}/v1/responses`, { headers: { authorization: `Bearer ${relay.key}` } });
  try {
    for (const message of messages) {
      send(socket, message);
      const frames = await within(socket.answer());
      if (frames === 'closed') return (await socket.closed)[0] === 1007 ? undefined : 'closed for no reason';
      if (frames === 'silent') return 'no answer';
      const last = frames.at(-1) ?? {};
      const ending = last['type'] === 'error' ? `error ${Number(last['status'])}` : String(last['type']);
      endings[ending] = (endings[ending] ?? 0) + 1;
      const problem = frames.map(problemOf).find((found) => found !== undefined) ?? gapIn(frames);
      if (problem !== undefined) return problem;
    }
    if (bytes) {
      rawOf(socket).write(bytes);
      rawOf(socket).end();
      await within(socket.closed);
    }
    return undefined;
  } finally {
    socket.ws.terminate();
  }
};

const send = ({ ws }: ResponsesSocket, { body, binary, pieces, pings }: Message): void => {
  const all = Buffer.from(body, 'latin1');
  const length = Math.max(1, Math.ceil(all.length / pieces));
  for (let at = 0; at === 0 || at < all.length; at += length) {
    ws.send(all.subarray(at, at + length), { binary, fin: at + length >= all.length });
    if (pings) ws.ping();
  }
};

const within = async <T>(answer: Promise<T>): Promise<T | 'closed' | 'silent'> => {
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<'silent'>((resolve) => {
    timer = setTimeout(() => {
      resolve('silent');
    }, ANSWER_MS);
  });
  try {
    return await Promise.race([answer.catch((): 'closed' => 'closed'), silent]);
  } finally {
    clearTimeout(timer);
  }
};

type Frame = Readonly<Record<string, unknown>>;

const problemOf = (frame: Frame): string | undefined => {
  if (typeof frame['type'] !== 'string') return `a frame without a type: ${JSON.stringify(frame)}`;
  if (frame['type'] !== 'error') return undefined;
  const { status, error } = frame as { readonly status?: unknown; readonly error?: Frame };
  if (typeof status !== 'number' || status < 400 || status >= 500) return `status ${String(status)}`;
  if (!error || typeof error['message'] !== 'string' || !('param' in error) || !('code' in error)) return 'no envelope';
  return /\.ts:\d+|node_modules|\n\s+at /.test(error['message']) ? `a stack: ${error['message']}` : undefined;
};

const gapIn = (frames: readonly Frame[]): string | undefined =>
  frames.some(({ type, sequence_number: number }, at) => type !== 'error' && number !== at)
    ? 'a gap in the sequence'
    : undefined;

/** What `ws` writes its frames to. */
const rawOf = ({ ws }: ResponsesSocket): Socket => (ws as unknown as { readonly _socket: Socket })._socket;
