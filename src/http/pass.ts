/** An answer of somebody else's, passed on byte for byte at the client's pace. */
import type { Context } from 'koa';
import { toRelayError } from '../errors.ts';
import { incompleteAnswer } from '../errors/answers.ts';
import { giveWorkMemory } from './body-work.ts';
import { writeHead } from './head.ts';
import type { Headers } from './head.ts';
import { drained, noteFirstByte, tellIfMuchWaits, UNHELD } from './respond.ts';

export interface PassedAnswer {
  readonly status: number;
  /** Those that the client is to see. */
  readonly headers: Readonly<Headers>;
  readonly body: AsyncIterable<Buffer>;
}

/** The head goes out at once. An answer that breaks off ends in a cut: nothing else would tell it from a whole one. */
export const sendPassed = async (ctx: Context, { status, headers, body }: PassedAnswer): Promise<void> => {
  const { res } = ctx;
  const { signal, notes, server, requestId } = ctx.state;
  giveWorkMemory(ctx);
  const isStream = String(headers['content-type'] ?? '').startsWith('text/event-stream');
  if (isStream) notes.stream = true;
  noteFirstByte(ctx);
  writeHead(ctx, status, isStream ? { ...headers, ...UNHELD } : headers);
  res.flushHeaders();
  server.streams.open += 1;
  try {
    let bytesOut = 0;
    let tail = '';
    for await (const bytes of body) {
      bytesOut += bytes.length;
      notes.bytesOut = bytesOut;
      server.passing(bytes.length);
      if (ctx.method !== 'HEAD' && !res.write(bytes)) {
        tellIfMuchWaits(ctx);
        await drained(ctx);
      }
      if (signal.aborted) throw signal.reason;
      if (isStream) tail = (tail + bytes.toString('latin1', Math.max(0, bytes.length - 4))).slice(-4);
    }
    // Ended in order, as far as the connection goes, and in the middle of an event.
    if (bytesOut > 0 && isStream && !END_OF_EVENT.test(tail)) throw incompleteAnswer();
    res.end();
  } catch (thrown) {
    const error = toRelayError(signal.aborted ? signal.reason : thrown);
    notes.error = error.reason ?? error.code;
    if (error.code === 'INTERNAL') server.log.error('answer broke off', { requestId, error: error.cause });
    res.destroy();
  } finally {
    server.streams.open -= 1;
  }
};

const END_OF_EVENT = /(?:\n\n|\r\r|\r\n\r\n)$/;
