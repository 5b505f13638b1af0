/** The first start as a person has it: on a pseudo-terminal (`script` of util-linux). */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';

const PROGRAM = new URL('../../scripts/gemini-cli-relay.ts', import.meta.url).pathname;

test('asks for a key, checks it, keeps it, and serves', async () => {
  const simulator = await startSimulator();
  const folder = mkdtempSync(join(tmpdir(), 'relay-first-run-'));
  const terminal = spawn('script', ['-qfec', `${process.execPath} ${PROGRAM} --port 0`, '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, TERM: 'xterm', GEMINI_API_ENDPOINT: simulator.url },
    detached: true,
  });
  let seen = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
  const shows = (words: string) => expect.poll(() => seen, { timeout: 15_000 }).toContain(words);
  try {
    await shows('1, 2, 3 or 4:');
    terminal.stdin.write('1\n');
    await shows('The key');
    terminal.stdin.write('AQ.wrong-key-0123456789\n');
    await shows('Google refuses this key');
    terminal.stdin.write(`${simulator.apiKey}\n`);
    await shows('Google takes the key.');
    await shows('ready');
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(`GEMINI_API_KEY=${simulator.apiKey}\n`);
    expect(seen).toMatch(/gemini-api/);
  } finally {
    if (terminal.pid !== undefined) process.kill(-terminal.pid, 'SIGTERM');
    await new Promise((resolve) => terminal.once('close', resolve));
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
