import { expect, test } from 'vitest';
import { parseLoginArguments } from '../../src/credentials/login-arguments.ts';

const PLAIN = { port: 8080, browser: true, force: false, importFrom: undefined };

test.each([
  [[], PLAIN],
  [['--port', '9000'], { ...PLAIN, port: 9000 }],
  [['--port=0', '--no-browser'], { ...PLAIN, port: 0, browser: false }],
  [['--force'], { ...PLAIN, force: true }],
  [['--import'], { ...PLAIN, importFrom: { file: undefined } }],
  [['--import', 'creds.json', '--force'], { ...PLAIN, force: true, importFrom: { file: 'creds.json' } }],
  [['--force', '--import=a=b.json'], { ...PLAIN, force: true, importFrom: { file: 'a=b.json' } }],
])('%j', (args, options) => {
  expect(parseLoginArguments(args)).toEqual({ kind: 'login', options });
});

test.each([
  [['--port']],
  [['--port', 'x']],
  [['--port', '65536']],
  [['--port', '-1']],
  [['--what']],
  [['word']],
  [['--import', 'a', 'b']],
])('%j is a question of usage', (args) => {
  expect(parseLoginArguments(args)).toMatchObject({ kind: 'usage' });
});

test('--help', () => {
  expect(parseLoginArguments(['--help'])).toEqual({ kind: 'help' });
});
