import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createDigests } from '../../src/callers/digests.ts';

const OWNED = ['the first key of the owner', 'ключ второй', 'k'.repeat(512), 'l'.repeat(513), '', ' \t'];
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const NEARLY = [
  'the first key of the owneR',
  'The first key of the owner',
  'the first key of the owner ',
  'the first key of the owne',
  // What fills up the texts that are compared.
  'the first key of the owner\0',
  'the first key of the owner'.padEnd(512, '\0'),
  'ключ второи',
  'k'.repeat(511),
  'k'.repeat(513),
  '\0',
];

test.each([...OWNED, ...NEARLY, 'gcr_somebody', 'x'.repeat(20_000)])(
  'S4: what is compared of "%.40s" is its SHA-256, whether it is known beforehand or not',
  (presented) => {
    const digestOf = createDigests(OWNED.map((value, at) => ({ name: `KEY_${at}`, value })));
    expect(digestOf(presented)).toBe(sha256(presented));
  },
);
