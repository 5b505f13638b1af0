import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SseOverflow, SseReader } from '../src/sse.ts';
import type { SseSink } from '../src/sse.ts';
import { collectGarbage, collectYoungGarbage } from './support/garbage.ts';
import { processorNow } from './support/machine.ts';

const gathering = (eventBytes: number, takeWhole?: SseSink['takeWhole']) => {
  const events: string[] = [];
  const event = (payload: string): void => {
    events.push(payload);
  };
  return { events, reader: new SseReader({ eventBytes }, { event, ...(takeWhole && { takeWhole }) }) };
};

const read = (...parts: readonly (string | Buffer)[]): string[] => {
  const { events, reader } = gathering(1024);
  for (const part of parts) reader.push(Buffer.from(part));
  reader.end();
  return events;
};

describe('R20: server-sent events', () => {
  test('thousands of data lines are one event', () => {
    const { events, reader } = gathering(64 * 1024);
    reader.push(Buffer.from(`data: {\n${'data:\n'.repeat(3000)}`));
    reader.push(Buffer.from('data: }\n\n'));
    expect(events).toEqual([`{${'\n'.repeat(3001)}}`]);
  });

  test.each([
    ['LF', 'data: a\n\ndata: b\n\n', ['a', 'b']],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['CR', 'data: a\r\rdata: b\r\r', ['a', 'b']],
    ['all three mixed', 'data: a\r\n\ndata: b\r\r\ndata: c\n\r', ['a', 'b', 'c']],
    ['no space after the colon', 'data:a\n\n', ['a']],
    ['only one space is taken off', 'data:  a \n\n', [' a ']],
    ['several data lines are joined by a line feed', 'data: {\ndata: }\n\n', ['{\n}']],
    ['comments', ': ping\n\n:\ndata: a\n: ping\n\n', ['a']],
    ['other fields', 'event: message\nid: 7\nretry: 10\ndatum: no\ndata2: no\ndata: a\n\n', ['a']],
    ['a byte order mark', '\ufeffdata: a\n\n', ['a']],
    ['a mark further on is text', 'data: \ufeffa\n\n', ['\ufeffa']],
    ['a last event without its blank line', 'data: a\n\ndata: b\n', ['a', 'b']],
    ['a last event without any line end', 'data: a\n\ndata: b', ['a', 'b']],
    ['[DONE] is a payload like any other', 'data: [DONE]\n\n', ['[DONE]']],
    ['data without a colon', 'data\n\n', ['']],
    ['no events', '\n\n\n', []],
    ['nothing', '', []],
  ])('%s', (_name, text, payloads) => {
    expect(read(text)).toEqual(payloads);
  });

  test('a CRLF split between two reads is one line end', () => {
    expect(read('data: a\r', '\ndata: b\r', '\n\r', '\n')).toEqual(['a\nb']);
  });

  test('a character split between two reads stays whole', () => {
    const bytes = Buffer.from('data: 🙂é\n\n');
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(read(bytes.subarray(0, at), bytes.subarray(at))).toEqual(['🙂é']);
    }
  });

  test('any split of the bytes gives the same events', () => {
    const line = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
      fc.constantFrom('', '', ': comment', 'event: x', 'data:', 'data'),
    );
    const stream = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 20 })
      .map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200), { maxLength: 10 }), (text, cuts) => {
        const bytes = Buffer.from(text);
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
        const parts = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        expect(read(...parts)).toEqual(read(text));
      }),
      { numRuns: 500 },
    );
  });

  test('an event over the limit is refused, in one read and in many', () => {
    const { reader } = gathering(100);
    expect(() => {
      reader.push(Buffer.from(`data: ${'x'.repeat(100)}\n`));
    }).toThrow(SseOverflow);
    const { reader: piecewise } = gathering(100);
    expect(() => {
      for (let count = 0; count < 200; count += 1) piecewise.push(Buffer.from('x'));
    }).toThrow(SseOverflow);
    const { reader: manyLines } = gathering(100);
    expect(() => {
      manyLines.push(Buffer.from('data: 1234567890\n'.repeat(10)));
    }).toThrow(SseOverflow);
  });

  test.each([
    ['comments', ': ping\n'],
    ['blank lines', '\r\n'],
    ['other fields', 'id: 1\n\n'],
    ['events without data', 'data:\n\n'],
  ])('nothing but %s over the limit is refused, and is none of it once an event has come', (_what, item) => {
    const { reader, events } = gathering(100);
    const most = item.repeat(Math.floor(80 / item.length));
    for (let count = 0; count < 10; count += 1) reader.push(Buffer.from(`${most}data: a\n\n`));
    expect(events.filter((payload) => payload === 'a')).toHaveLength(10);
    expect(() => {
      for (let count = 0; count < 200; count += 1) reader.push(Buffer.from(item));
    }).toThrow(SseOverflow);
  });

  test('events below the limit may add up to more than it', () => {
    const { reader, events } = gathering(100);
    reader.push(Buffer.from('data: 1234567890\n\n'.repeat(100)));
    expect(events).toHaveLength(100);
  });

  test('the cost is linear: 20 MB in one event, in small reads and with many lines', () => {
    const { reader, events } = gathering(32 * 1024 * 1024);
    const piece = Buffer.alloc(1000, 'x');
    const startedAt = processorNow();
    reader.push(Buffer.from('data: '));
    for (let count = 0; count < 20_000; count += 1) reader.push(piece);
    expect(events).toHaveLength(0);
    reader.push(Buffer.from('\n\n'));
    expect(events[0]?.length).toBe(20_000_000);
    reader.push(Buffer.from('data: x\n\n'.repeat(200_000)));
    expect(events).toHaveLength(200_001);
    // A quadratic reader needs minutes here.
    expect(processorNow() - startedAt).toBeLessThan(5000);
  });
});

describe('events that are taken as they stand', () => {
  const WHOLE = 'data: whole\n\n';
  const takeWhole = (text: string, at: number): number => (text.startsWith(WHOLE, at) ? at + WHOLE.length : at);
  const taking = (eventBytes: number) => {
    const asked: number[] = [];
    const { events, reader } = gathering(eventBytes, (text, at) => {
      asked.push(at);
      const end = takeWhole(text, at);
      if (end > at) events.push('taken');
      return end;
    });
    return { asked, events, reader };
  };

  test('have what comes before them counted anew', () => {
    const { reader, events } = taking(100);
    for (let count = 0; count < 10; count += 1) reader.push(Buffer.from(`${':\n'.repeat(40)}${WHOLE}`));
    expect(events).toHaveLength(10);
  });

  test('are told in their place', () => {
    const { asked, events, reader } = taking(1024);
    reader.push(Buffer.from(`${WHOLE}data: a\r\n\r\n${WHOLE}${WHOLE}: ping\n\ndata: b\n\n${WHOLE}`));
    expect(events).toEqual(['taken', 'a', 'taken', 'taken', 'b', 'taken']);
    expect(asked).toHaveLength(6);
  });

  test('are never the rest of an event, nor offered where one could be too long', () => {
    const { asked, events, reader } = taking(1024);
    reader.push(Buffer.from('data: a\n'));
    asked.length = 0;
    reader.push(Buffer.from(WHOLE));
    expect(asked).toEqual([]);
    expect(events).toEqual(['a\nwhole']);
    const strict = taking(WHOLE.length);
    strict.reader.push(Buffer.from(WHOLE));
    expect(strict.asked).toEqual([]);
    expect(strict.events).toEqual(['whole']);
  });

  test('however the bytes are cut', () => {
    const bytes = Buffer.from(`\ufeff${WHOLE}data: é\r\n\r\n${WHOLE}`);
    for (let at = 0; at <= bytes.length; at += 1) {
      const { events, reader } = taking(1024);
      reader.push(bytes.subarray(0, at));
      reader.push(bytes.subarray(at));
      reader.end();
      expect(events.map((event) => (event === 'taken' ? 'whole' : event))).toEqual(['whole', 'é', 'whole']);
    }
  });

  test('what a reader has read is young garbage once nobody has the reader any more', async () => {
    const lines = Buffer.from(`data: ${'a'.repeat(10_000)}\n\n`);
    const readMany = (): void => {
      for (let count = 0; count < 100; count += 1) {
        gathering(MUCH).reader.push(lines);
      }
    };
    readMany();
    await collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 10; round += 1) {
      readMany();
      await collectYoungGarbage();
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000);
  });
});

const MUCH = 64 * 1024;
