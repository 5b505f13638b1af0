/**
 * The commands of the README as a new user types them. `npm ci` is left to .ci/run, which begins with it: here it would
 * replace the packages that the tests are running on.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { paste } from './curl.ts';
import { blocksOf, readPage } from './page.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

/** The first block of commands that begins with the sources. */
const commandsOf = (page: string): string[] => {
  const block = blocksOf(readPage(page)).find(({ language, text }) => language === 'sh' && text.startsWith('npm ci'));
  return block?.text.split('\n') ?? [];
};

describe('the first commands', () => {
  test.each(['README.md', 'README.zh-CN.md', 'docs/quick-start.md'])('%s has two of them', (page) => {
    expect(commandsOf(page)).toEqual(['npm ci', 'npm run demo']);
  });

  test('npm ci is what .ci/run begins with', () => {
    const script = readFileSync(join(ROOT, '.ci/run'), 'utf8').split('\n');
    expect(script.find((line) => line.startsWith('npm '))).toBe('npm ci');
  });

  test('npm run demo serves, and what it prints can be pasted', async () => {
    const home = mkdtempSync(join(tmpdir(), 'relay-new-user-'));
    // A group of its own, so that npm and what it starts can be ended together, as Ctrl-C would.
    const child = spawn('sh', ['-c', commandsOf('README.md')[1] ?? ''], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: home, PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const ended = new Promise((resolve) => child.once('close', resolve));
    try {
      await expect.poll(() => output, { timeout: 15_000 }).toMatch(/"contents":.*\n/);
      const commands = output.match(/curl (?:.*\\\n)+.*/g) ?? [];
      expect(commands).toHaveLength(2);
      const [chat = '', native = ''] = await Promise.all(commands.map((command) => paste(command)));
      expect(JSON.parse(chat)).toHaveProperty(
        'choices.0.message.content',
        expect.stringContaining('You said: "Hello!"'),
      );
      expect(native).toMatch(/^data: \{"candidates"/);
      expect(native).toContain('"finishReason":"STOP"');
    } finally {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
      await ended;
      rmSync(home, { recursive: true, force: true });
    }
    const url = /Address +(\S+)/.exec(output)?.[1] ?? '';
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  }, 120_000);
});

test.each(['README.md', 'README.zh-CN.md'])('every command that %s names is there', (page) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readPage(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
