import { describe, expect, test } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import { watched } from '../../src/gemini/answers.ts';
import type { Ending } from '../../src/gemini/answers.ts';
import type { Answer, Chunk } from '../../src/gemini/call.ts';
import { candidate, toChunk } from '../support/gemini-chunk.ts';

const ONE = [toChunk(candidate([{ text: 'One.' }]))];
const TWO = [toChunk(candidate([{ text: 'Two.' }])), toChunk(candidate([{ text: 'Three.' }]))];

interface Source extends AsyncIterable<readonly Chunk[]> {
  isClosed: boolean;
}

/** The batches, then the error where there is one. */
const streamOf = (batches: readonly (readonly Chunk[])[], error?: Error): Source => {
  const source: Source = {
    isClosed: false,
    async *[Symbol.asyncIterator]() {
      try {
        for (const batch of batches) yield await Promise.resolve(batch);
        if (error) throw error;
      } finally {
        source.isClosed = true;
      }
    },
  };
  return source;
};

const watching = () => {
  const seen: (readonly Chunk[])[] = [];
  const endings: Ending[] = [];
  return {
    seen,
    endings,
    watcher: { batch: (batch: readonly Chunk[]) => seen.push(batch), over: (ending: Ending) => endings.push(ending) },
  };
};

const readAll = async (answer: Answer): Promise<(readonly Chunk[])[]> => {
  const read: (readonly Chunk[])[] = [];
  for await (const batch of answer) read.push(batch);
  return read;
};

const broken = new RelayError('UNAVAILABLE', 'Cut.', { reason: 'upstream_incomplete' });
const left = new RelayError('CANCELLED', 'Gone.', { reason: 'client_closed' });

describe('a watched answer', () => {
  test('whole: looked through at once, and itself', () => {
    const { watcher, seen, endings } = watching();
    const answer = [ONE, TWO];
    expect(watched(answer, watcher)).toBe(answer);
    expect(seen).toEqual([ONE, TWO]);
    expect(endings).toEqual([{ kind: 'end' }]);
  });

  test('streamed: all passes through, the same batches', async () => {
    const { watcher, seen, endings } = watching();
    const read = await readAll(watched(streamOf([ONE, TWO]), watcher));
    expect(read.map((batch, at) => batch === [ONE, TWO][at])).toEqual([true, true]);
    expect(seen).toEqual(read);
    expect(endings).toEqual([{ kind: 'end' }]);
  });

  test.each<[string, Error, Ending]>([
    ['broken', broken, { kind: 'error', error: broken }],
    ['by a fault', new TypeError('bug'), { kind: 'error', error: new TypeError('bug') }],
    ['left by its client', left, { kind: 'left' }],
  ])('%s: the reader has the same error, the watcher how it ended', async (_name, error, ending) => {
    const { watcher, seen, endings } = watching();
    await expect(readAll(watched(streamOf([ONE], error), watcher))).rejects.toBe(error);
    expect(seen).toEqual([ONE]);
    expect(endings).toEqual([ending]);
  });

  test('left by its reader: the source is closed, and it is told once', async () => {
    const { watcher, endings } = watching();
    const source = streamOf([ONE, TWO]);
    const iterator = watched(source, watcher);
    if (!(Symbol.asyncIterator in iterator)) throw new Error('a stream was expected');
    const reading = iterator[Symbol.asyncIterator]();
    await reading.next();
    await reading.return?.();
    expect(source.isClosed).toBe(true);
    expect(endings).toEqual([{ kind: 'left' }]);
  });

  test('asked for more after its end, it says so no second time', async () => {
    const { watcher, endings } = watching();
    const stream = watched(streamOf([ONE]), watcher);
    if (!(Symbol.asyncIterator in stream)) throw new Error('a stream was expected');
    const iterator = stream[Symbol.asyncIterator]();
    for (const done of [false, true, true]) expect((await iterator.next()).done ?? false).toBe(done);
    await iterator.return?.();
    expect(endings).toEqual([{ kind: 'end' }]);
  });

  test('a watcher may care for one of the two', async () => {
    expect(await readAll(watched(streamOf([ONE]), {}))).toEqual([ONE]);
    const { watcher, endings } = watching();
    await readAll(watched(streamOf([ONE]), { over: watcher.over }));
    expect(endings).toHaveLength(1);
  });
});
