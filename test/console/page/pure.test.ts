/** What the page reckons before anything is drawn. */
import { describe, expect, test } from 'vitest';

/** Written for browsers, so that this project's own types do not reach into it. */
const load = async (path: string): Promise<Record<string, (...given: readonly unknown[]) => unknown>> =>
  (await import(`../../../src/console/page/${path}`)) as Record<string, (...given: readonly unknown[]) => unknown>;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('numbers and times', async () => {
  const format = await load('lib/format.js');

  test.each([
    [0, 'now'],
    [-3 * SECOND, 'now'],
    [-59 * SECOND, '59s ago'],
    [-3 * HOUR - MINUTE, '3h ago'],
    [-24 * HOUR, 'yesterday'],
    [-48 * HOUR + SECOND, 'yesterday'],
    [4 * SECOND, 'now'],
    [MINUTE - 300, 'in 1m'],
    [HOUR - 3 * SECOND, 'in 1h'],
    [90 * MINUTE, 'in 1h'],
    [91 * MINUTE, 'in 2h'],
    [12 * HOUR, 'in 12h'],
    [24 * HOUR - 3 * SECOND, 'tomorrow'],
    [7 * 24 * HOUR - 3 * SECOND, 'in 7d'],
    [30 * 24 * HOUR - 3 * SECOND, 'in 30d'],
  ])('%i ms from now is %s', (away, told) => {
    expect(format['relativeTime']?.(1e12 + away, 1e12, 'en')).toBe(told);
  });

  test.each([
    [null, '–'],
    [undefined, '–'],
    [0, '$0.00'],
    [0.00042, '$0.0004'],
    [0.0423, '$0.042'],
    [12.5, '$12.50'],
  ])('%s dollars are %s', (value, told) => {
    expect(format['money']?.(value, 'en')).toBe(told);
    expect(format['costOf']?.({ cost_usd: value, unpriced: 0 }, 'en')).toBe(told);
    expect(format['costOf']?.({ cost_usd: value, unpriced: 2 }, 'en')).toBe(told === '–' ? told : `${told}+`);
  });

  test.each([
    [null, '–'],
    [0.4, '0 ms'],
    [999, '999 ms'],
    [1234, '1.23 s'],
    [23_456, '23.5 s'],
    [999.6, '1.00 s'],
    [9994, '9.99 s'],
    [9999, '10.0 s'],
    [59_949, '59.9 s'],
    [59_960, '1 m 0 s'],
    [119_700, '2 m 0 s'],
    [125_000, '2 m 5 s'],
    [HOUR - 400, '1 h 0 m'],
    [95 * MINUTE, '1 h 35 m'],
  ])('%s ms take %s', (value, told) => {
    expect(format['duration']?.(value)).toBe(told);
  });

  test.each([
    [0, '0 s'],
    [59, '59 s'],
    [3600, '1 h 0 min'],
    [273_123, '3 d 3 h'],
  ])('%s seconds of running are %s', (value, told) => {
    expect(format['longDuration']?.(value)).toBe(told);
  });
});

test('an hour without requests has its place in the chart, and days are those of UTC', async () => {
  const { startOf, stepsOf } = await load('screens/usage/spans.js');
  const now = Date.parse('2026-11-28T22:10:00Z');
  expect(startOf?.({ days: 1 }, now)).toBe(Date.parse('2026-11-28'));
  expect(startOf?.({ days: 30 }, now)).toBe(Date.parse('2026-10-30'));
  const hours = stepsOf?.('hour', Date.parse('2026-11-28'), now) as number[];
  expect([hours.length, hours.at(-1)]).toEqual([23, Date.parse('2026-11-28T22:00:00Z')]);
});

test('labels below a chart stand at days of UTC, whatever the clocks of the reader do', async () => {
  const { ticksBetween } = await load('screens/usage/ticks.js');
  const DAY = 86_400;
  const seconds = (day: string): number => Date.parse(day) / 1000;
  const ticks = (from: string, to: string, distance: number): readonly string[] =>
    (ticksBetween?.(seconds(from), seconds(to), distance, true) as number[]).map((at) =>
      new Date(at * 1000).toISOString(),
    );
  expect(ticks('2026-10-29T12:00Z', '2026-11-05T12:00Z', 3 * DAY)).toEqual([
    '2026-11-01T00:00:00.000Z',
    '2026-11-04T00:00:00.000Z',
  ]);
  expect(ticks('2025-11-30T12:00Z', '2026-07-01T12:00Z', 60 * DAY)).toEqual([
    '2026-01-01T00:00:00.000Z',
    '2026-03-01T00:00:00.000Z',
    '2026-05-01T00:00:00.000Z',
    '2026-07-01T00:00:00.000Z',
  ]);
});

test('an address and its screen', async () => {
  const { readRoute, linkTo } = await load('lib/route.js');
  const link = linkTo?.('requests', { key: '<a&b>', model: '', status: undefined });
  expect(link).toBe('#/requests?key=%3Ca%26b%3E');
  const { screen, query } = readRoute?.(link) as { screen: string; query: URLSearchParams };
  expect([screen, query.get('key')]).toEqual(['requests', '<a&b>']);
  expect(readRoute?.('')).toMatchObject({ screen: 'status' });
});

describe('what is left of a key', async () => {
  const { restsOf, tightestOf, standingOf } = await load('screens/keys/limits.js');
  const key = { rpm: 10, tpm: null, cost_per_month: 20, used: { rpm: 2, cost_per_month: 19 } };

  test('of each limit, and of the one that is reached first', () => {
    expect(restsOf?.(key)).toMatchObject([
      { name: 'rpm', left: 8, share: 0.8 },
      { name: 'cost_per_month', left: 1, share: 0.05 },
    ]);
    expect(tightestOf?.(key)).toMatchObject({ name: 'cost_per_month' });
    expect(tightestOf?.({ used: {} })).toBe(undefined);
    expect(restsOf?.({ rpm: 10, used: { rpm: 12 } })).toMatchObject([{ left: 0, share: 0 }]);
  });

  test('valid, disabled, expired', () => {
    expect(standingOf?.({ disabled: true, expires_at: null }, 0)).toBe('disabled');
    expect(standingOf?.({ disabled: false, expires_at: '1970-01-01T00:00:00Z' }, 0)).toBe('expired');
    expect(standingOf?.({ disabled: false, expires_at: '1970-01-01T00:00:01Z' }, 0)).toBe('ok');
  });
});

describe('an event stream', async () => {
  const { readEvents } = await load('lib/event-stream.js');
  const read = async (...chunks: readonly string[]): Promise<readonly unknown[]> => {
    const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
    const events: unknown[] = [];
    const stream = readEvents?.(new Response(ReadableStream.from(bytes))) as AsyncIterable<unknown>;
    for await (const event of stream) events.push(event);
    return events;
  };

  test('in pieces, with comments, names, several lines and each kind of line end', async () => {
    expect(await read(': hello\n\nevent: re', 'quest\ndata: {"a"', ':1}\n\ndata: x\r', '\ndata: y\r\n\r\n')).toEqual([
      { name: 'request', data: '{"a":1}' },
      { name: '', data: 'x\ny' },
    ]);
  });

  test('an event without its end is none', async () => {
    expect(await read('data: whole\n\ndata: half')).toEqual([{ name: '', data: 'whole' }]);
  });
});

test('an answer grows from pieces; arguments find their call', async () => {
  const { withPieces, textOf } = await load('screens/playground/answer.js');
  const answer = withPieces?.({ blocks: [] }, [
    { kind: 'thought', text: 'h' },
    { kind: 'thought', text: 'm' },
    { kind: 'text', text: 'a' },
    { kind: 'call', id: '1', name: 'one', args: '' },
    { kind: 'call', id: '2', name: 'two', args: '' },
    { kind: 'call', id: '1', more: '{"x":' },
    { kind: 'call', id: '2', more: '{}' },
    { kind: 'call', id: '1', more: '1}' },
    { kind: 'end', why: 'stop' },
  ]);
  expect(answer).toEqual({
    why: 'stop',
    blocks: [
      { kind: 'thought', text: 'hm' },
      { kind: 'text', text: 'a' },
      { kind: 'call', id: '1', name: 'one', args: '{"x":1}' },
      { kind: 'call', id: '2', name: 'two', args: '{}' },
    ],
  });
  expect(textOf?.(answer)).toBe('a[one({"x":1})][two({})]');
});

test('a curl line survives quotes, and holds no secret', async () => {
  const { toCurl } = await load('screens/playground/exchange.js');
  const line = toCurl?.({
    address: 'http://127.0.0.1:8888/v1/messages',
    headers: { 'x-api-key': '$RELAY_KEY' },
    body: `{"text":"it's","picture":"${'A'.repeat(500)}"}`,
  });
  expect(line).toBe(
    `curl -N 'http://127.0.0.1:8888/v1/messages' \\\n  -H "x-api-key: $RELAY_KEY" \\\n  -d '{"text":"it'\\''s","picture":"…"}'`,
  );
});

describe('the list of requests', async () => {
  const { fits, withNew } = await load('screens/requests/list.js');
  const row = { id: 'new', key: 'nina', model: 'm', door: 'd', status: 200, reason: null };
  const list = { rows: [{ id: 'old' }], waiting: [], next: null, isLoading: false };

  test.each([
    [{}, true],
    [{ key: 'nina', model: 'm', door: 'd', status: 'ok' }, true],
    [{ key: 'other' }, false],
    [{ status: 'error' }, false],
    [{ status: '4xx' }, false],
    [{ status: '200' }, true],
  ])('%j: belongs there is %s', (filters, does) => {
    expect(fits?.(row, filters)).toBe(does);
  });

  test('an answer that broke off went wrong, a client that left did not', () => {
    expect(fits?.({ ...row, reason: 'upstream_incomplete' }, { status: 'error' })).toBe(true);
    expect(fits?.({ ...row, status: 499, reason: 'client_closed' }, { status: 'error' })).toBe(false);
  });

  test('what is new comes on top, waits while one reads further down, and is never there twice', () => {
    expect(withNew?.(list, [row], true)).toMatchObject({ rows: [row, { id: 'old' }], waiting: [] });
    const waiting = withNew?.(list, [row], false);
    expect(waiting).toMatchObject({ rows: [{ id: 'old' }], waiting: [row] });
    expect(withNew?.(waiting, [row, { id: 'old' }], false)).toBe(waiting);
  });
});

describe('what is wrong with a field of a key', async () => {
  const { fieldSentenceOf } = await load('lib/trouble.js');
  const t = (word: string): string => word;
  const error = { code: 'invalid_value', param: 'rpm', message: "rpm '0' is no whole number." };

  test.each([
    ['en', error, error.message],
    ['zh', error, 'key.wrong.count'],
    ['zh', { ...error, param: 'expires' }, 'key.wrong.expires'],
    ['zh', { ...error, param: 'name' }, error.message],
    ['zh', { ...error, code: 'name_taken' }, error.message],
  ])('in %s', (code, given, told) => {
    expect(fieldSentenceOf?.(given, { t, code })).toBe(told);
  });
});
