import { expect, test } from 'vitest';
import { LOGIN_USAGE, parseLoginArguments, writeLoginCommand } from '../../src/credentials/login-arguments.ts';
import { LOGIN_ADVICE } from '../../src/credentials/stored.ts';
import {
  commandsHere,
  IMAGE_VARIABLE,
  INSTALLED_VARIABLE,
  NPM_COMMAND,
  placeIn,
} from '../../src/terminal/commands-here.ts';

const RUN = 'docker compose run --rm relay login --no-browser';

test.each([
  ['Log in: npm run login', `Log in: ${RUN}`],
  ['Log in (npm run login), or set GEMINI_API_KEY.', `Log in (${RUN}), or set GEMINI_API_KEY.`],
  ['Log in anew with `npm run login -- --force`.', `Log in anew with \`${RUN} --force\`.`],
  [
    'npm run login -- --no-browser --import /import.json --port 0 --force',
    `${RUN} --import /import.json --port 0 --force`,
  ],
  ['(on a machine without a browser: npm run login -- --no-browser)', `(on a machine without a browser: ${RUN})`],
  ['npm run login, without GEMINI_CREDENTIALS.', `${RUN}, without GEMINI_CREDENTIALS.`],
  [LOGIN_ADVICE, `Log in with \`${RUN}\`.`],
  [LOGIN_USAGE.split('\n', 1)[0] ?? '', `${RUN} [options]`],
  [
    'not asked for: npm run health -- --generate',
    'not asked for: docker compose exec relay /usr/local/bin/node gemini-cli-relay.cjs health --generate',
  ],
  ['Start the relay: npm start (or docker compose up -d).', 'Start the relay: docker compose up -d.'],
  ['Next: npm start (a relay that is running …).', 'Next: docker compose up -d (a relay that is running …).'],
])('in the image, %j names what works there', (text, there) => {
  expect(commandsHere(text, 'image')).toBe(there);
  expect(commandsHere(text, 'folder')).toBe(text);
});

test('a command that was rewritten is understood by the command itself', () => {
  const args = ['--import', 'a.json', '--port', '0', '--force', '--no-browser'];
  const parsed = parseLoginArguments(args);
  if (parsed.kind !== 'login') throw new Error(parsed.kind);
  const [, again = ''] = commandsHere(writeLoginCommand(parsed.options), 'image').split('relay login ');
  expect(parseLoginArguments(again.split(' '))).toEqual(parsed);
});

test('the image says that it is one', () => {
  expect(placeIn({ [IMAGE_VARIABLE]: '1' })).toBe('image');
  expect(placeIn({ HOME: '/data' })).toBe('folder');
  expect(placeIn({ [INSTALLED_VARIABLE]: '1' })).toBe('installed');
  expect(placeIn({ [IMAGE_VARIABLE]: '1', [INSTALLED_VARIABLE]: '1' })).toBe('image');
  expect(placeIn({ [INSTALLED_VARIABLE]: '1', [NPM_COMMAND]: 'exec' })).toBe('npx');
  expect(placeIn({ [INSTALLED_VARIABLE]: '1', [NPM_COMMAND]: 'run' })).toBe('installed');
  expect(placeIn({ [NPM_COMMAND]: 'exec' })).toBe('folder');
});

test.each([
  ['Log in anew with `npm run login -- --force`.', 'Log in anew with `gemini-cli-relay login --force`.'],
  [LOGIN_ADVICE, 'Log in with `gemini-cli-relay login`.'],
  ['Start the relay: npm start (or docker compose up -d).', 'Start the relay: gemini-cli-relay.'],
  ['npm start -- --port 9000', 'gemini-cli-relay --port 9000'],
  ['npm run keys -- add NAME', 'gemini-cli-relay keys add NAME'],
])('where the package is installed, %j names its program', (text, there) => {
  expect(commandsHere(text, 'installed')).toBe(there);
  // Who runs it by npx has no program of that name.
  expect(commandsHere(text, 'npx')).toBe(there.replace('gemini-cli-relay', 'npx gemini-cli-relay'));
});
