/** Completion as zsh and fish themselves offer it. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const PROGRAM = new URL('../../scripts/gemini-cli-relay.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'relay-completion-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const scriptFor = (shell: string): string =>
  execFileSync(process.execPath, [PROGRAM, 'completion', shell], { encoding: 'utf8' });

test('fish offers commands with what they do, words and options', () => {
  const path = join(folder, 'completion.fish');
  writeFileSync(path, scriptFor('fish'));
  const offers = (line: string): string =>
    execFileSync('fish', ['--no-config', '-c', `source ${path}; complete -C '${line}'`], {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder },
    });
  expect(offers('gemini-cli-relay ')).toMatch(/^keys\tclient keys and their limits$/m);
  expect(offers('gemini-cli-relay keys a')).toBe('add\n');
  expect(offers('gemini-cli-relay serve --po')).toBe('--port\n');
  expect(offers('gemini-cli-relay --po')).toBe('--port\n');
  expect(offers('gemini-cli-relay --port 8889 --op')).toBe('--open\n');
  expect(offers('gemini-cli-relay keys --ope')).toBe('');
});

/** What stands on the terminal of a zsh without any settings, once the line was typed and Tab pressed. */
const inZsh = async (load: string, line: string): Promise<string> => {
  const shell = spawn('script', ['-qfec', 'zsh -f -i', '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, TERM: 'dumb' },
    detached: true,
  });
  let seen = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
  try {
    shell.stdin.write(`${load}; echo load"ed"\n`);
    await expect.poll(() => seen).toContain('loaded\r\n');
    seen = '';
    shell.stdin.write(`${line}\t`);
    // What is offered comes with the line itself, which stands there until somebody presses Enter.
    let last = '';
    await expect
      .poll(
        () => {
          const settled = seen.includes(line) && seen === last;
          last = seen;
          return settled;
        },
        { interval: 700 },
      )
      .toBe(true);
    // Besides, it may ring the bell.
    return seen.replaceAll('\u0007', '');
  } finally {
    if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
  }
};

test('zsh completes by what is evaluated, also where nobody has called compinit', async () => {
  const path = join(folder, 'completion.zsh');
  writeFileSync(path, scriptFor('zsh'));
  expect(await inZsh(`source ${path}`, 'gemini-cli-relay comp')).toContain('gemini-cli-relay completion');
  expect(await inZsh(`source ${path}`, 'gemini-cli-relay --po')).toContain('gemini-cli-relay --port');
  expect(await inZsh(`source ${path}`, 'gemini-cli-relay --port 1 --ope')).toContain(
    'gemini-cli-relay --port 1 --open',
  );
});

test('zsh completes by a file in its fpath', async () => {
  const functions = join(folder, 'functions');
  mkdirSync(functions);
  writeFileSync(join(functions, '_gemini-cli-relay'), scriptFor('zsh'));
  const load = `fpath=(${functions} $fpath); autoload -Uz compinit; compinit -u`;
  expect(await inZsh(load, 'gemini-cli-relay keys rot')).toContain('gemini-cli-relay keys rotate');
});
