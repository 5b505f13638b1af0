import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';

const SCRIPT = new URL('../../scripts/liveness.ts', import.meta.url).pathname;

const check = async (
  port: number,
  host?: string,
  ...words: readonly string[]
): Promise<{ code: number | null; output: string }> => {
  const env = { PORT: String(port), ...(host !== undefined && { HOST: host }) };
  const child = spawn(process.execPath, [SCRIPT, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
};

test('R31: a relay without a login is alive', async () => {
  const relay = await startRelay({ door: 'none' });
  expect(await check(relay.port)).toEqual({ code: 0, output: '' });
  await relay.close();
  const { code, output } = await check(relay.port);
  expect(code).toBe(1);
  expect(output).toMatch(/^The relay does not answer on port \d+: .*ECONNREFUSED/);
});

test('a server that answers otherwise is no relay that is alive', async () => {
  const other = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  expect((await check((other.address() as AddressInfo).port)).code).toBe(1);
  other.close();
});

test.each(['0.0.0.0', '::', '127.0.0.2'])('asks where the relay listens: HOST=%s', async (host) => {
  const server = createServer((_request, response) => response.end()).listen(0, host);
  await new Promise((resolve) => server.once('listening', resolve));
  expect((await check((server.address() as AddressInfo).port, host)).code).toBe(0);
  server.close();
});

test.each([
  ['--help', 0, /^gemini-cli-relay alive\n/],
  ['-h', 0, /^gemini-cli-relay alive\n/],
  ['--bogus', 2, /^Not understood: there is no option --bogus\.\n/],
  ['extra', 2, /^Not understood: the word extra is one too many\.\n/],
])('%s asks nobody', async (word, code, output) => {
  const found = await check(9, undefined, word);
  expect(found.code).toBe(code);
  expect(found.output).toMatch(output);
});
