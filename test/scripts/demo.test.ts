import { spawn, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const DEMO = new URL('../../scripts/demo.ts', import.meta.url).pathname;
const KEY = 'relay-key-of-the-tests-0123456789';
const env = { PATH: process.env['PATH'], PORT: '0', GEMINI_AUTH_PASSWORD: KEY };

test.each([
  [['--pase', '3'], 'there is no option --pase'],
  [['--pace', 'slow'], '--pace takes milliseconds, e.g. 100'],
  [['--upstream', 'openai'], '--upstream takes one of code-assist, gemini-api, vertex'],
  [['--keys', '1'], '--keys takes a number from 2 to 20'],
  [['quickly'], 'the word quickly is one too many'],
])('%j is refused with exit code 2', (args, problem) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [DEMO, ...args], { env, encoding: 'utf8' });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr.startsWith(`Not understood: ${problem}.\n\nnpm run demo -- `)).toBe(true);
});

const serving = async (args: readonly string[], use: (url: string) => Promise<void>): Promise<void> => {
  const demo = spawn(process.execPath, [DEMO, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let output = '';
    demo.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await expect.poll(() => output, { timeout: 15_000 }).toMatch(/Address +http/);
    await use(/Address +(\S+)/.exec(output)?.[1] ?? '');
  } finally {
    demo.kill('SIGINT');
  }
};

test('--json: one line has all that a machine needs; it joins nobody, whatever else the environment names', async () => {
  // Nobody is there: whoever asked would say so.
  const others = { REDIS_URL: 'redis://127.0.0.1:1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  const demo = spawn(process.execPath, [DEMO, '--json'], {
    env: { ...env, ...others, GEMINI_AUTH_PASSWORD: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    let output = '';
    for (const stream of [demo.stdout, demo.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    await expect.poll(() => output, { timeout: 15_000 }).toContain('"message":"demo"');
    const lines = output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, string>);
    const told = lines.find(({ message }) => message === 'demo') ?? {};
    expect(told).toMatchObject({ door: 'code-assist', keys: 0, console: `${told['url']}/console` });
    const health = await fetch(`${told['url']}/health`, { headers: { authorization: `Bearer ${told['key']}` } });
    const details = (await health.json()) as object;
    expect(details).toHaveProperty('doors');
    expect(details).not.toHaveProperty('redis');
    expect(output).not.toMatch(/redis|traces/i);
  } finally {
    demo.kill('SIGINT');
  }
});

const chat = (url: string, body: object): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gemini-2.5-flash', ...body }),
  });

test('--pace: chunks come one by one', () =>
  serving(['--pace', '150'], async (url) => {
    const response = await chat(url, { stream: true, messages: [{ role: 'user', content: 'stream 20 words' }] });
    const times: number[] = [];
    const reader = response.body?.getReader();
    while (reader && !(await reader.read()).done) times.push(performance.now());
    expect(times.length).toBeGreaterThan(3);
    // The simulator waits before each chunk; a busy machine only adds to that.
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(150);
  }));

test('--keys: one conversation keeps its door until that is used up, then another takes over', () =>
  serving(['--keys', '3'], async (url) => {
    const doors: (string | null)[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      const response = await chat(url, { messages: [{ role: 'user', content: 'Hello' }] });
      expect(response.status, await response.text()).toBe(200);
      doors.push(response.headers.get('x-relay-door'));
    }
    expect(new Set(doors.slice(0, 3)).size).toBe(1);
    expect(new Set(doors).size).toBeGreaterThanOrEqual(2);
    for (const door of doors) expect(door).toMatch(/^gemini-api:project-[123]$/);
  }));
