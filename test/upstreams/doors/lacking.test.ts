import { expect, test } from 'vitest';
import { createLacking } from '../../../src/upstreams/doors/lacking.ts';

test('it is believed for ten minutes, of one door and one model', () => {
  let time = 0;
  const lacking = createLacking({ now: () => time });
  expect(lacking.isEmpty()).toBe(true);
  lacking.note('gemini-api:old', 'gemini-2.5-flash');
  expect(lacking.isEmpty()).toBe(false);
  time = 599_999;
  expect(lacking.has('gemini-api:old', 'gemini-2.5-flash')).toBe(true);
  expect(lacking.has('gemini-api:new', 'gemini-2.5-flash')).toBe(false);
  expect(lacking.has('gemini-api:old', 'gemini-2.5-pro')).toBe(false);
  time = 600_000;
  expect(lacking.has('gemini-api:old', 'gemini-2.5-flash')).toBe(false);
  expect(lacking.isEmpty()).toBe(true);
});

test('however many names clients think of, it stays small', () => {
  const lacking = createLacking({ now: () => 0 });
  for (let index = 0; index < 20_000; index += 1) lacking.note('gemini-api', `model ${index}`);
  const known = Array.from({ length: 20_000 }, (_none, index) => lacking.has('gemini-api', `model ${index}`));
  expect(known.filter(Boolean)).toHaveLength(10_000);
  expect(known.at(-1)).toBe(true);
});
