import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRequestQuestion, readUsageQuestion } from '../../src/usage/question.ts';

const NOW = Date.UTC(2026, 10, 28, 18, 30);

describe('of sums', () => {
  test.each([
    [{ group: 'week' }, 'group', /is none of day, hour/],
    [{ from: '2026-02-30' }, 'from', /is no day/],
    [{ to: '' }, 'to', /is no day/],
    [{ from: '2026-11-02', to: '2026-11-01' }, 'from', /is later than/],
    [{ key: '' }, 'key', /names nothing/],
    [{ model: 'x'.repeat(201) }, 'model', /longer than any name/],
  ])('%j is refused by its field', (written, field, problem) => {
    expect(readUsageQuestion(written, NOW)).toEqual({ field, problem: expect.stringMatching(problem) as string });
  });
});

describe('of single requests', () => {
  test('fifty of all of them, where nothing is said', () => {
    expect(readRequestQuestion({})).toEqual({ question: { limit: 50 } });
  });

  test.each([
    ['429', { exactly: 429 }],
    ['4xx', { hundred: 4 }],
    ['5XX', { hundred: 5 }],
    ['error', 'error'],
    ['ok', 'ok'],
  ])('status %s', (status, wanted) => {
    expect(readRequestQuestion({ status })).toMatchObject({ question: { status: wanted } });
  });

  test.each([
    [{ limit: '0' }, 'limit'],
    [{ limit: '501' }, 'limit'],
    [{ limit: '1e2' }, 'limit'],
    [{ limit: '' }, 'limit'],
    [{ before: 'yesterday' }, 'before'],
    [{ before: "1-a-1' OR 1=1" }, 'before'],
    [{ status: '600' }, 'status'],
    [{ status: '' }, 'status'],
    [{ door: '' }, 'door'],
  ])('%j is refused by its field', (written, field) => {
    expect(readRequestQuestion(written)).toMatchObject({ field });
  });

  test('whatever is written is a question or is refused', () => {
    const text = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
    const record = fc.record({ limit: text, before: text, key: text, model: text, door: text, status: text });
    fc.assert(
      fc.property(record, (written) => {
        const read = readRequestQuestion(written);
        if ('question' in read) expect(read.question.limit).toBeLessThanOrEqual(500);
        else expect(Object.keys(written)).toContain(read.field);
      }),
    );
  });
});
