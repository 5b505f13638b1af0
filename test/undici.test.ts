import * as undici from 'undici';
import { expect, test } from 'vitest';
import { Agent, Pool, errors, wholeUndici } from '../src/undici.ts';

test('the parts are those of undici itself, so that its errors are known by their class', () => {
  const whole = wholeUndici();
  expect(Agent).toBe(whole.Agent);
  expect(Pool).toBe(whole.Pool);
  expect(errors.HTTPParserError).toBe(whole.errors.HTTPParserError);
  expect(errors.HeadersOverflowError).toBe(whole.errors.HeadersOverflowError);
  expect(whole.Agent).toBe(undici.Agent);
});
