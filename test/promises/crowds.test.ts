/** Clients that take more than their share: uploads, connections and readers that only stand in the way. */
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';
import { FAMILIES, ask, rawHead, within } from './support.ts';

const opened: TestRelay[] = [];
const open = async (options?: StartOptions): Promise<TestRelay> => {
  const relay = await startRelay(options);
  opened.push(relay);
  return relay;
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((relay) => relay.close()));
});

const activeIn = async (relay: TestRelay): Promise<number> =>
  ((await (await relay.fetch('/health')).json()) as { requests: { active: number } }).requests.active;

describe('R24: uploads that were only announced', () => {
  test('R24: forty of 64 MiB, one byte sent of each, keep nobody out', async () => {
    const relay = await open();
    const head = rawHead('/v1/chat/completions', [`Content-Length: ${64 * 1024 * 1024}`]);
    const uploads = Array.from({ length: 40 }, () => connect(relay.port, '127.0.0.1').on('error', () => undefined));
    for (const upload of uploads) upload.write(`${head}{`);
    await within(5000, 'forty requests', async () => (await activeIn(relay)) === 40);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => ask(relay, FAMILIES[index % 2] ?? 'openai', 'Hello')),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    for (const upload of uploads) upload.destroy();
  });
});
