import { describe, expect, test } from 'vitest';
import { readDataUrl, toStandardBase64 } from '../../src/conversation/data-url.ts';
import { processorNow } from '../support/machine.ts';

const MIB = 1024 * 1024;

describe('base64 in its spellings', () => {
  test.each([
    ['in order', 'QUJDRA==', 'QUJDRA=='],
    ['without padding', 'QUJDRA', 'QUJDRA=='],
    ['with too little padding', 'QUJDRA=', 'QUJDRA=='],
    ['for URLs', '-_-_', '+/+/'],
    ['in lines', 'QUJD\r\nRA==\n', 'QUJDRA=='],
    ['with other blanks', '\u00a0QU\u2028JD\t', 'QUJD'],
    ['escaped', 'QUJDRA%3D%3d', 'QUJDRA=='],
    ['with escaped blanks and letters', '%51UJD%0A', 'QUJD'],
  ])('%s', (_name, sent, read) => {
    expect(toStandardBase64(sent)).toBe(read);
  });

  test.each([
    ['another letter', 'QU*D'],
    ['a letter beyond ASCII', 'QUéD'],
    ['padding within', 'QU==JD'],
    ['too much padding', 'QUJD==='],
    ['padding with blanks, too much', 'QUJD= = ='],
    ['one letter too many', 'QUJDR'],
    ['a percent sign alone', 'QUJD%'],
    ['an escape of no digits', 'QUJD%zz'],
    ['an escaped percent sign', 'QUJD%25'],
    ['padding alone', '=='],
    ['blanks', ' \n'],
    ['nothing', ''],
  ])('not: %s', (_name, sent) => {
    expect(toStandardBase64(sent)).toBeUndefined();
  });
});

describe('a data: URL with escapes', () => {
  test.each([
    ['of letters', 'a%41é%C3%A9', 'aAéé'],
    ['of none', 'aé', 'aé'],
    ['that are none', '%4%zz%', '%4%zz%'],
    ['with a percent sign', '%2541', '%41'],
  ])('%s', (_name, sent, read) => {
    const { data = '' } = readDataUrl(`data:text/plain,${sent}`) ?? {};
    expect(Buffer.from(data, 'base64').toString()).toBe(read);
  });

  test('has a head of some words', () => {
    expect(readDataUrl(`data:text/plain${';a=b'.repeat(100)},x`)?.mimeType).toBe('text/plain');
    expect(readDataUrl(`data:text/plain${';a=b'.repeat(1000)},x`)).toBeUndefined();
  });
});

/** R25's measure, of the processor's time: others on the machine do not count. */
const MOST_MS = 250;

test.each([
  ['semicolons', `data:${';'.repeat(16 * MIB)},x`],
  ['escapes', `data:text/plain,${'%41a'.repeat(4 * MIB)}`],
  ['escaped base64', `data:image/png;base64,${'%41A'.repeat(4 * MIB)}`],
  ['base64 in order', `data:image/png;base64,${'QUJD'.repeat(4 * MIB)}`],
  ['base64 for URLs', `data:image/png;base64,${'-_A-'.repeat(4 * MIB)}`],
  ['base64 with blanks', `data:image/png;base64,${'A A '.repeat(4 * MIB)}`],
  ['base64 in lines', `data:image/png;base64,${`${'QUJD'.repeat(19)}\n`.repeat(220_000)}`],
])('R25: 16 MiB of %s hold up nobody', (_name, url) => {
  // In one piece, as it comes out of a body.
  const sent = Buffer.from(url).toString();
  const before = processorNow();
  readDataUrl(sent);
  expect(processorNow() - before).toBeLessThan(MOST_MS);
});
