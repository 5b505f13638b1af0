import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import * as undici from 'undici';
import { expect, test } from 'vitest';
import { Agent, Pool, errors, wholeUndici } from '../../src/engine/undici.ts';

test('the parts are those of undici itself, so that its errors are known by their class', () => {
  const whole = wholeUndici();
  expect(Agent).toBe(whole.Agent);
  expect(Pool).toBe(whole.Pool);
  expect(errors.HTTPParserError).toBe(whole.errors.HTTPParserError);
  expect(errors.HeadersOverflowError).toBe(whole.errors.HeadersOverflowError);
  expect(whole.Agent).toBe(undici.Agent);
});

const PARTS = join(import.meta.dirname, '../../src/engine/undici.ts');

/** What a process of its own says, in which nothing else has loaded undici. */
const said = (script: string): string =>
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim();

test("the parts come without Node's HTTP/2", () => {
  const script = `await import(${JSON.stringify(PARTS)}); console.log(process.moduleLoadList.includes('NativeModule http2'))`;
  expect(said(script)).toBe('false');
});

test('HTTP/2 is there when somebody asks for it', () => {
  const script = `
    const { Pool, wholeUndici } = await import(${JSON.stringify(PARTS)});
    wholeUndici();
    const server = (await import('node:http2')).createServer((request, response) => response.end(request.httpVersion));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const pool = new Pool('http://127.0.0.1:' + server.address().port, { allowH2: true, useH2c: true });
    for (const path of ['/', '/again']) {
      const { body } = await pool.request({ method: 'GET', path });
      console.log(await body.text());
    }
    process.exit();`;
  expect(said(script)).toBe('2.0\n2.0');
});
