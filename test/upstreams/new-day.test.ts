import { expect, test } from 'vitest';
import { createNewDay } from '../../src/upstreams/new-day.ts';

const HOUR_MS = 3_600_000;

test.each([
  ['in winter', '2026-01-15T12:00:00Z', '2026-01-16T08:00:00Z'],
  ['in summer', '2026-07-15T12:00:00Z', '2026-07-16T07:00:00Z'],
  ['a millisecond before', '2026-07-16T06:59:59.999Z', '2026-07-16T07:00:00Z'],
  ['at midnight it is the next one', '2026-07-16T07:00:00Z', '2026-07-17T07:00:00Z'],
  ['the evening before the short day', '2026-03-08T07:59:00Z', '2026-03-08T08:00:00Z'],
  ['on the short day, before the change', '2026-03-08T09:30:00Z', '2026-03-09T07:00:00Z'],
  ['on the short day, after the change', '2026-03-08T10:30:00Z', '2026-03-09T07:00:00Z'],
  ['the evening before the long day', '2026-11-01T06:59:00Z', '2026-11-01T07:00:00Z'],
  ['on the long day, in the hour that comes first', '2026-11-01T08:30:00Z', '2026-11-02T08:00:00Z'],
  ['on the long day, in the hour that comes again', '2026-11-01T09:30:00Z', '2026-11-02T08:00:00Z'],
  ['at the end of a month', '2026-05-31T20:00:00Z', '2026-06-01T07:00:00Z'],
  ['at the end of a year', '2026-12-31T20:00:00Z', '2027-01-01T08:00:00Z'],
  ['in February of a leap year', '2028-02-28T20:00:00Z', '2028-02-29T08:00:00Z'],
])('the next midnight in Los Angeles: %s', (_when, now, midnight) => {
  expect(new Date(createNewDay()(Date.parse(now))).toISOString()).toBe(new Date(midnight).toISOString());
});

test('asked every half hour of two years, it is the same midnight until it has come, 23 to 25 hours after the last', () => {
  const newDay = createNewDay();
  const start = Date.parse('2026-01-01T08:00:00Z');
  const days = new Set<number>();
  for (let now = start; now < Date.parse('2028-01-01T08:00:00Z'); now += HOUR_MS / 2) {
    const next = newDay(now);
    expect(next).toBeGreaterThan(now);
    expect(next - now).toBeLessThanOrEqual(25 * HOUR_MS);
    days.add(next);
  }
  expect(days.size).toBe(730);
  const lengths = [...days].map((day, index) => (day - ([...days][index - 1] ?? start)) / HOUR_MS);
  expect([...new Set(lengths)].sort()).toEqual([23, 24, 25]);
  expect(lengths.filter((hours) => hours !== 24)).toEqual([23, 25, 23, 25]);
});

test('a clock that was set back is believed', () => {
  const newDay = createNewDay();
  newDay(Date.parse('2026-07-15T12:00:00Z'));
  expect(newDay(Date.parse('2026-07-10T12:00:00Z'))).toBe(Date.parse('2026-07-11T07:00:00Z'));
});
