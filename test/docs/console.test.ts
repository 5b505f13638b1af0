import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { paste } from './curl.ts';
import { blocksOf, readPage } from './page.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ env: { DATABASE_URL: undefined } });
});
afterAll(() => relay.close());

const commands = blocksOf(readPage('docs/console.md'))
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.trim().split(/\n(?=curl )/));

test('docs/console.md has lines for scripts', () => {
  expect(commands.length).toBeGreaterThan(2);
});

test.each(commands)('works as it stands: %s', async (command) => {
  const answer = await paste(command.replaceAll('http://127.0.0.1:8888', relay.url), { RELAY_KEY: relay.key });
  expect(answer).toMatch(/^(?:\{"(?!error")|group,)/);
});
