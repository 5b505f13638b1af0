import { expect } from 'vitest';
import type { TestRelay } from '../support/relay.ts';
import { readExposition } from './exposition.ts';
import type { Exposition } from './exposition.ts';

export const METRICS_KEY = 'metrics-key-of-the-tests-0123456789';

export const scrape = async ({ url }: TestRelay, key = METRICS_KEY): Promise<Exposition> => {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  expect(answer.status).toBe(200);
  return readExposition(await answer.text());
};

/** Its status, once all of it is there. */
export const done = async (asked: Promise<Response>): Promise<number> => {
  const answer = await asked;
  await answer.text();
  return answer.status;
};
