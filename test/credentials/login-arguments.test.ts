import { expect, test } from 'vitest';
import { parseLoginArguments, writeLoginCommand } from '../../src/credentials/login-arguments.ts';

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
  expect(parseLoginArguments(args)).toEqual({ kind: 'login', options, json: false });
  expect(parseLoginArguments([...args, '--json'])).toEqual({ kind: 'login', options, json: true });
});

test.each([
  [['--port'], '--port lacks its value'],
  [['--port='], '--port lacks its value'],
  [['--port', 'x'], '--port takes a number from 0 to 65535'],
  [['--port', '65536'], '--port takes a number from 0 to 65535'],
  [['--port', '-1'], '--port takes a number from 0 to 65535'],
  [['--what'], 'there is no option --what'],
  [['--constructor'], 'there is no option --constructor'],
  [['--what=secret'], 'there is no option --what'],
  [['-x'], 'there is no option -x'],
  [['--force=yes'], '--force takes no value'],
  [['word'], 'the word word is one too many; a file goes with --import'],
  [['--import', 'a', 'b'], 'the word b is one too many; a file goes with --import'],
])('%j is a question of usage that names what is wrong', (args, problem) => {
  expect(parseLoginArguments(args)).toEqual({ kind: 'usage', problem });
});

test.each([
  [[], 'npm run login'],
  [['--force'], 'npm run login -- --force'],
  [['--import'], 'npm run login -- --import'],
  [
    ['--port', '9000', '--import', 'my file.json', '--no-browser', '--force'],
    "npm run login -- --no-browser --import 'my file.json' --port 9000 --force",
  ],
])('%j written for advice', (args, command) => {
  const parsed = parseLoginArguments(args);
  expect(parsed.kind === 'login' && writeLoginCommand(parsed.options)).toBe(command);
});

test('--help', () => {
  expect(parseLoginArguments(['--help'])).toEqual({ kind: 'help' });
});

test.each([
  [String.raw`C:\creds.json`, String.raw`npm run login -- --import C:\creds.json`],
  [String.raw`C:\R&D\creds.json`, String.raw`npm run login -- --import "C:\R&D\creds.json"`],
  [String.raw`C:\my creds.json`, String.raw`npm run login -- --import "C:\my creds.json"`],
  [String.raw`\\nas\my creds.json`, String.raw`npm run login -- --import "\\nas\my creds.json"`],
  ['/home/my creds.json', "npm run login -- --import '/home/my creds.json'"],
])('a file of %s is quoted as the shells of its system take it', (file, command) => {
  expect(writeLoginCommand({ port: 8080, browser: true, force: false, importFrom: { file } })).toBe(command);
});
