import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Of a machine with much else to do. */
const LIMIT_MS = 60_000;
const ROOT = join(import.meta.dirname, '../..');

const LANGUAGES = ['openai/routes.ts', 'openai/responses/route.ts', 'anthropic/routes.ts', 'gemini/routes.ts'].map(
  (file) => `/src/formats/${file}`,
);

/** A relay that tells which files were loaded when it began to listen, and which a while later. */
const SCRIPT = `
  import { writeFileSync } from 'node:fs';
  import { registerHooks } from 'node:module';
  import { Server } from 'node:net';
  const loaded = [];
  registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
  let atListening;
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...args) {
    this.once('listening', () => { atListening ??= [...loaded]; });
    return listen.apply(this, args);
  };
  const { start } = await import(${JSON.stringify(join(ROOT, 'src/program/start.ts'))});
  await start([]);
  const languages = ${JSON.stringify(LANGUAGES)};
  while (!languages.every((file) => loaded.some((url) => url.endsWith(file)))) await new Promise((next) => setTimeout(next, 10));
  writeFileSync(process.env.TOLD, JSON.stringify({ atListening, later: loaded }));
  process.exit();`;

describe('a start', () => {
  let folder = '';
  let told: { readonly atListening: readonly string[]; readonly later: readonly string[] };
  const isIn = (list: readonly string[], file: string): boolean => list.some((url) => url.endsWith(file));
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'relay-late-'));
    const file = join(folder, 'told.json');
    const env = {
      HOME: folder,
      PORT: '0',
      GEMINI_AUTH_PASSWORD: 'a-key-of-this-test-alone',
      GEMINI_API_KEY: 'AQ.none',
    };
    execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT], {
      cwd: folder,
      env: { ...env, TOLD: file, GEMINI_API_ENDPOINT: 'http://127.0.0.1:1' },
      stdio: 'ignore',
      timeout: LIMIT_MS,
    });
    told = JSON.parse(readFileSync(file, 'utf8')) as typeof told;
  }, LIMIT_MS);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('waits for no language of clients, and for none that is only looked at', () => {
    expect(isIn(told.atListening, '/src/app.ts')).toBe(true);
    const early = [
      ...LANGUAGES,
      '/winston/lib/winston.js',
      '/src/console/usage.ts',
      '/src/formats/gemini/live/route.ts',
    ];
    expect(early.filter((file) => isIn(told.atListening, file))).toEqual([]);
  });

  test('has them all a moment later, though nobody asks', () => {
    expect(LANGUAGES.filter((file) => !isIn(told.later, file))).toEqual([]);
  });

  test('leaves the console and sessions of the Live API to those who open them', () => {
    const rare = ['/src/console/usage.ts', '/src/formats/gemini/live/route.ts'];
    expect(rare.filter((file) => isIn(told.later, file))).toEqual([]);
  });
});
