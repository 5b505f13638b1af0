import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBatches } from '../../src/gemini/chunks.ts';
import { createAnswerReader } from '../../src/upstreams/answer.ts';
import type { ReadAnswer } from '../../src/upstreams/answer.ts';
import { unwrap } from '../../src/upstreams/code-assist/envelope.ts';
import type { Reply } from '../../src/upstreams/transport.ts';
import { collectGarbage } from '../support/garbage.ts';

const envelope = (candidate: object, id = 'r'): string =>
  JSON.stringify({
    response: { candidates: [candidate], usageMetadata: { totalTokenCount: 9 }, responseId: id },
    traceId: `t-${id}`,
  });
const textEvent = (text: string, more: object = {}): object => ({ content: { parts: [{ text, ...more }] } });
const LAST = envelope({ ...textEvent('end'), finishReason: 'STOP' });

async function* inPieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const places = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
  for (const [index, place] of places.slice(1).entries()) {
    await Promise.resolve();
    yield bytes.subarray(places[index], place);
  }
}

const replyOf = (body: AsyncIterable<Buffer>): Reply => ({
  status: 200,
  headers: {},
  contentType: 'text/event-stream',
  body,
  text: () => Promise.reject(new Error('not a whole answer')),
  excerpt: () => Promise.reject(new Error('not an error')),
  discard: () => undefined,
});

interface Read {
  readonly chunks: { readonly json: string; readonly value: unknown }[];
  readonly error: unknown;
}

const nothing = (): void => undefined;

const newReader = (): ReadAnswer => createAnswerReader({ unwrap, now: () => 0 });

const readAll = async (text: string | Buffer, readAnswer: ReadAnswer, cuts: readonly number[] = []): Promise<Read> => {
  const reply = replyOf(inPieces(Buffer.from(text), cuts));
  const chunks: Read['chunks'] = [];
  let error: unknown;
  try {
    await readBatches(
      await readAnswer(reply, false),
      (batch) => {
        for (const { json, value } of batch) chunks.push({ json, value });
      },
      nothing,
    );
  } catch (thrown) {
    error = thrown;
  }
  return { chunks, error };
};

const parsed = (payload: string): { json: string; value: unknown } => {
  const { json, value } = unwrap(payload, JSON.parse(payload) as Readonly<Record<string, unknown>>);
  return { json, value };
};

const alike = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('a', 'b'), fc.boolean())
  .map(([text, id, thought]) => envelope(textEvent(text, thought ? { thought: true } : {}), id));
const other = fc.constantFrom(
  envelope({ content: { parts: [{ functionCall: { name: 'f', args: { n: 1 } } }] } }),
  envelope(textEvent('x', { thoughtSignature: 'QUJD' })),
  envelope(textEvent('')),
  JSON.stringify({ response: { usageMetadata: { totalTokenCount: 9 } } }),
);

describe('the events of a stream', () => {
  test('are what parsing each brings, however they are framed and cut, in the first stream and in later ones', async () => {
    const readAnswer = newReader();
    const event = fc.tuple(
      fc.oneof({ weight: 4, arbitrary: alike }, { weight: 1, arbitrary: other }),
      fc.constantFrom('data: ', 'data: ', 'data: ', 'data:', ': note\ndata: '),
      fc.constantFrom('\r\n\r\n', '\r\n\r\n', '\n\n', '\r\r', '\n\r\n'),
    );
    const events = fc.array(event, { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(events, fc.array(fc.nat(5000), { maxLength: 6 }), async (framed, cuts) => {
        const text = framed.map(([payload, start, end]) => start + payload + end).join('');
        const { chunks, error } = await readAll(`${text}data: ${LAST}\r\n\r\n`, readAnswer, cuts);
        expect(error).toBeUndefined();
        expect(chunks).toEqual([...framed.map(([payload]) => payload), LAST].map(parsed));
      }),
      { numRuns: 300 },
    );
  });

  test.each(['data: ', 'data:  ', 'data:\ndata: '])(
    'may each be a list of one, whatever stands before it (%j)',
    async (lead) => {
      const event = envelope(textEvent('one'));
      const { chunks, error } = await readAll(`${lead}[${event}]\r\n\r\n${lead}[ ${LAST} ]\n\n`, newReader());
      expect(error).toBeUndefined();
      expect(chunks.map(({ json }) => JSON.parse(json) as unknown)).toEqual(chunks.map(({ value }) => value));
      expect(chunks).toMatchObject([
        { value: { candidates: [{ content: { parts: [{ text: 'one' }] } }] } },
        { value: { candidates: [{ content: { parts: [{ text: 'end' }] }, finishReason: 'STOP' }] } },
      ]);
    },
  );

  test('stop at the first that is broken, after those before it', async () => {
    const good = envelope(textEvent('a'));
    const readAnswer = newReader();
    await readAll(`data: ${good}\n\n`.repeat(3), readAnswer);
    const { chunks, error } = await readAll(
      `data: ${good}\n\ndata: {"no\n\ndata: ${good}\n\ndata: ${LAST}\n\n`,
      readAnswer,
    );
    expect(chunks).toEqual([parsed(good)]);
    expect(error).toMatchObject({ reason: 'upstream_bad_response' });
  });

  test('alike to the end are no end', async () => {
    const good = envelope(textEvent('a'));
    const readAnswer = newReader();
    for (let stream = 0; stream < 3; stream += 1) {
      const { chunks, error } = await readAll(`data: ${good}\n\n`.repeat(3), readAnswer);
      expect(chunks).toHaveLength(3);
      expect(error).toMatchObject({ reason: 'upstream_incomplete' });
    }
  });

  test('may be a very long time coming: reads that bring nothing whole do not pile up', async () => {
    const heap: number[] = [];
    const measure = async (): Promise<void> => {
      await collectGarbage();
      heap.push(process.memoryUsage().heapUsed);
    };
    async function* drops(): AsyncGenerator<Buffer> {
      const drop = Buffer.from(': still here\n');
      await measure();
      for (let count = 0; count < 200_000; count += 1) yield drop;
      await measure();
      yield Buffer.from(`data: ${LAST}\n\n`);
    }
    const answer = await newReader()(replyOf(drops()), false);
    let count = 0;
    await readBatches(
      answer,
      (batch) => {
        count += batch.length;
      },
      nothing,
    );
    expect(count).toBe(1);
    const [before = 0, after = 0] = heap;
    expect(after - before).toBeLessThan(2_000_000);
  });

  test('are let go of when more are asked for', async () => {
    const bytes = Buffer.from(`data: ${envelope(textEvent('a'))}\n\ndata: ${LAST}\n\n`);
    const reply = replyOf(inPieces(bytes, [bytes.indexOf('\n\n') + 2]));
    const answer = await newReader()(reply, false);
    if (!(Symbol.asyncIterator in answer)) throw new Error('no stream');
    const iterator = answer[Symbol.asyncIterator]();
    const first = await iterator.next();
    const batch = first.value as readonly unknown[];
    expect(batch).toHaveLength(1);
    const second = await iterator.next();
    // What the first promise brought is gone; who took the batch still has it.
    expect(first.value).toEqual([]);
    expect(batch).toHaveLength(1);
    expect(second.value).toHaveLength(1);
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    expect(second.value).toEqual([]);
  });

  test('keep nothing of the bytes they came in', async () => {
    const read: IteratorResult<Buffer, undefined> = { value: Buffer.from(`data: ${LAST}\n\n`), done: false };
    const reads: IteratorResult<Buffer, undefined>[] = [read, { value: undefined, done: true }];
    const body = { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(reads.shift() ?? read) }) };
    const reply = replyOf(body as AsyncIterable<Buffer>);
    const answer = await newReader()(reply, false);
    let count = 0;
    await readBatches(
      answer,
      (batch) => {
        count += batch.length;
      },
      nothing,
    );
    expect(count).toBe(1);
    expect(read.value).toHaveLength(0);
  });

  test('that come before one that is too long are passed on', async () => {
    const good = envelope(textEvent('a'));
    const long = Buffer.concat([Buffer.from(`data: ${good}\n\ndata: `), Buffer.alloc(33 * 1024 * 1024, 'x')]);
    const { chunks, error } = await readAll(long, newReader());
    expect(chunks).toEqual([parsed(good)]);
    expect(error).toMatchObject({ reason: 'upstream_bad_response' });
  });
});
