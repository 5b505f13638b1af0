import { describe, expect, test } from 'vitest';
import { readExpiry, readLifetimeMs, writeExpiry } from '../../src/credentials/expiry.ts';

const AT = Date.UTC(2026, 10, 21, 12, 30, 15, 123);

describe('R2: expiry as found in the field', () => {
  test.each([
    [AT, AT],
    [Math.floor(AT / 1000), Math.floor(AT / 1000) * 1000],
    [String(AT), AT],
    [`${Math.floor(AT / 1000)}`, Math.floor(AT / 1000) * 1000],
    ['2026-11-21T12:30:15.123Z', AT],
    ['2026-11-21T12:30:15.123456Z', AT],
    ['2026-11-21T12:30:15.123456789Z', AT],
    ['2026-11-21T12:30:15.123456+00:00', AT],
    ['2026-11-21T13:30:15.123+01:00', AT],
    ['2026-11-21T13:30:15.123+0100', AT],
    ['2026-11-21T13:30:15.123+01', AT],
    ['2026-11-21T12:30:15.123456', AT],
    ['2026-11-21 12:30:15.123', AT],
    ['2026-11-21T12:30Z', Date.UTC(2026, 10, 21, 12, 30)],
    ['9999-12-31T23:59:59Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['0001-01-01T00:00:00Z', Date.parse('0001-01-01T00:00:00Z')],
  ])('%j', (value, expected) => {
    expect(readExpiry(value)).toBe(expected);
  });

  test.each([
    ['soon'],
    [''],
    ['2026-13-41T99:99:99Z'],
    [NaN],
    [Infinity],
    [-5],
    [0],
    [1e300],
    [null],
    [undefined],
    [true],
    [{}],
  ])('%j is no date', (value) => {
    expect(readExpiry(value)).toBeUndefined();
  });

  test.each([
    [1_700_000_000_000, AT],
    [1_700_000_000, Math.floor(AT / 1000)],
    ['2025-01-01T00:00:00Z', '2026-11-21T12:30:15Z'],
    ['2025-01-01T00:00:00.5Z', '2026-11-21T12:30:15.1Z'],
    ['2025-01-01T00:00:00.000001+00:00', '2026-11-21T12:30:15.123000+00:00'],
    ['2025-01-01T05:00:00+05:00', '2026-11-21T12:30:15+00:00'],
    ['2025-01-01T00:00:00.123456', '2026-11-21T12:30:15.123000'],
    ['garbage', '2026-11-21T12:30:15.123Z'],
  ])('written like %j', (replaced, expected) => {
    expect(writeExpiry(AT, replaced)).toBe(expected);
  });
});

test.each([
  [3600, 3_600_000],
  ['3599', 3_599_000],
  [undefined, 600_000],
  [null, 600_000],
  ['', 600_000],
  ['soon', 600_000],
  [{}, 600_000],
  [0, 60_000],
  [-100, 60_000],
  [1e12, 86_400_000],
])('R10: expires_in %j lives %d ms', (expiresIn, expected) => {
  expect(readLifetimeMs(expiresIn)).toBe(expected);
});
