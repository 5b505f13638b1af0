import { expect, test } from 'vitest';
import { apiKeysIn, joinApiKeys, readApiKeys } from '../../src/config/api-keys.ts';
import { processorNow } from '../support/machine.ts';

const labelled = [
  { label: 'work', key: 'AQ.first-key-of-the-tests' },
  { label: 'home', key: 'AQ.second-key-of-the-tests' },
];

test.each([
  ['separated by commas', 'work=AQ.first-key-of-the-tests, home=AQ.second-key-of-the-tests'],
  [
    'one a line',
    'work=AQ.first-key-of-the-tests\n# old ones were thrown away\n\nhome = AQ.second-key-of-the-tests\r\n',
  ],
  ['a JSON list', '["work=AQ.first-key-of-the-tests", "home=AQ.second-key-of-the-tests"]'],
  ['both at once', 'work=AQ.first-key-of-the-tests,\nhome=AQ.second-key-of-the-tests,'],
])('a list %s', (_how, written) => {
  expect(readApiKeys(written)).toEqual({ keys: labelled, problems: [] });
});

test('without a label the name follows from the key, wherever it stands in the list, and does not show it', () => {
  const [first, second] = readApiKeys('one-key-of-mine,another-key').keys;
  expect(readApiKeys('another-key').keys).toEqual([second]);
  expect(first?.label).toMatch(/^[\da-f]{10}$/);
  expect(first?.key).toBe('one-key-of-mine');
});

test('padding at the end of a key is no label', () => {
  expect(readApiKeys('Z2F0ZXdheQ==').keys[0]?.key).toBe('Z2F0ZXdheQ==');
  expect(readApiKeys('gate=Z2F0ZXdheQ==').keys).toEqual([{ label: 'gate', key: 'Z2F0ZXdheQ==' }]);
});

test.each(['work=', 'x=,work=one-key', '["home="]', 'work==', '='])('a label without a key is told: %s', (written) => {
  expect(readApiKeys(written).problems).toEqual(['key 1 is a label without a key']);
});

test('the same key twice is one', () => {
  expect(readApiKeys('one-key,one-key,a=other-key,a=other-key,other-key').keys).toHaveLength(2);
});

test.each([
  ['a label twice', 'a=one-key,a=other-key', 'key 2: the label a is taken already'],
  ['a key with two labels', 'a=one-key,b=one-key', 'key 2, b, is the same key as a: one label for each'],
  ['a label with a blank', 'my key=one-key', 'key 1 has a label of other characters'],
  ['a key with a blank', 'a=one key', 'key 1 holds a blank'],
  ['what is no text', '[1]', 'key 1 is no text'],
  ['broken JSON', '["one-key"', 'is no list that can be read'],
  ['an object in JSON', '{"work": "one-key"}', 'is no list that can be read'],
  ['an object on several lines', '{\n  "a": "one-key",\n  "b": "other-key"\n}', 'is no list that can be read'],
])('%s is told without the key', (_what, written, problem) => {
  const { problems } = readApiKeys(written);
  expect(problems).toEqual([expect.stringContaining(problem)]);
  expect(problems.join()).not.toContain('one-key');
});

test('GEMINI_API_KEY is one more; where it stands in the list as well, its own label holds', () => {
  const list = readApiKeys('one-key,a=other-key').keys;
  expect(joinApiKeys([{ label: 'default', key: 'one-key' }], list).keys).toEqual([
    { label: 'default', key: 'one-key' },
    { label: 'a', key: 'other-key' },
  ]);
  expect(joinApiKeys([{ label: 'a', key: 'one-more' }], list).problems).toEqual(['the label a is taken already']);
});

test('5,000 keys are read in a moment', () => {
  const many = Array.from({ length: 5000 }, (_, index) => `k${index}=AQ.key-number-${index}`).join('\n');
  const start = processorNow();
  expect(readApiKeys(many).keys).toHaveLength(5000);
  expect(processorNow() - start).toBeLessThan(500);
});

test('all that may be a key is found in what cannot be read, too', () => {
  expect(apiKeysIn('["a=one-key", "other-key" broken=third-key')).toEqual(['one-key', 'other-key', 'third-key']);
});
