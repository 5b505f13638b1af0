import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toOAuthSettings, userinfoUrlFor } from '../../src/credentials/google-client.ts';
import type { LoginOptions } from '../../src/credentials/login-arguments.ts';
import { login } from '../../src/credentials/login.ts';
import type { LoginNeeds } from '../../src/credentials/login-needs.ts';
import { RelayError } from '../../src/errors.ts';
import { createSystem } from '../../src/system.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';

let directory: string;
let file: string;
let google: Simulator;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'login-'));
  file = join(directory, 'new', 'oauth_creds.json');
  google = await startSimulator();
});

afterEach(async () => {
  await google.close();
  rmSync(directory, { recursive: true, force: true });
});

const OPTIONS: LoginOptions = { port: 0, browser: true, force: false, importFrom: undefined };

/** A browser: follows the address to Google, and Google's answer back to the relay. */
const browse = async (
  url: string,
  change: (back: URL) => void = () => undefined,
): Promise<{ status: number; text: string }> => {
  const consent = await fetch(url, { redirect: 'manual' });
  const back = new URL(consent.headers.get('location') ?? '');
  change(back);
  const page = await fetch(back);
  return { status: page.status, text: await page.text() };
};

interface Trial {
  readonly exit: number;
  readonly said: string;
}

const attempt = async (options: Partial<LoginOptions> = {}, more: Partial<LoginNeeds> = {}): Promise<Trial> => {
  const said: string[] = [];
  const oauth = toOAuthSettings({
    clientId: undefined,
    clientSecret: undefined,
    authUrl: google.authUrl,
    tokenUrl: google.tokenUrl,
  });
  const pages: Promise<unknown>[] = [];
  const exit = await login(
    { ...OPTIONS, ...options },
    {
      oauth,
      userinfoUrl: userinfoUrlFor(oauth.tokenUrl),
      file,
      variableIsSet: false,
      geminiHome: join(directory, '.gemini'),
      network: { attemptTimeoutMs: 2000 },
      system: createSystem(),
      openBrowser: (url) => {
        pages.push(browse(url));
        return Promise.resolve();
      },
      signal: new AbortController().signal,
      ...more,
      terminal: more.terminal ?? { say: (line) => said.push(line), lines: silence() },
    },
  );
  await Promise.allSettled(pages);
  return { exit, said: said.join('\n') };
};

/** A terminal at which nobody types. */
async function* silence(): AsyncGenerator<string> {
  await new Promise(() => undefined);
  yield '';
}

/** A terminal that is answered as a person would: with what `reply` makes of a line that was said. */
const conversation = (reply: (address: string) => Promise<readonly string[]>) => {
  const said: string[] = [];
  const address = Promise.withResolvers<string>();
  return {
    said,
    say: (line: string) => {
      said.push(line);
      if (line.startsWith('http')) address.resolve(line);
    },
    lines: (async function* () {
      yield* await reply(await address.promise);
    })(),
  };
};

const stored = (): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;

const putExisting = (value: unknown): Buffer => {
  mkdirSync(join(directory, 'new'));
  writeFileSync(file, JSON.stringify(value), { mode: 0o600 });
  return readFileSync(file);
};

describe('login with a browser', () => {
  test('begins with the terms, ends with a private file, the account and the next command', async () => {
    const { exit, said } = await attempt();
    expect(exit).toBe(0);
    expect(said.split('\n')[0]).toMatch(/terms/);
    expect(said).toMatch(/Logged in as owner@example\.com/);
    expect(said).toMatch(/npm start/);
    expect(stored()).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) as string });
    expect(stored()['expiry_date']).toBeGreaterThan(Date.now() + 3_000_000);
    expect(stored()).not.toHaveProperty('client_id');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'new')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(directory, 'new'))).toEqual(['oauth_creds.json']);
    expect(said).not.toContain(String(stored()['refresh_token']));
    expect(said).not.toContain(String(stored()['access_token']));
  });

  test('S19: asks with PKCE and a state of 32 bytes, and for offline access with consent', async () => {
    let asked = new URLSearchParams();
    await attempt(
      {},
      {
        openBrowser: async (url) => {
          asked = new URL(url).searchParams;
          await Promise.resolve();
          void browse(url);
        },
      },
    );
    expect(asked.get('code_challenge_method')).toBe('S256');
    expect(asked.get('code_challenge')).toHaveLength(43);
    expect(Buffer.from(asked.get('state') ?? '', 'base64url')).toHaveLength(32);
    expect(asked.get('redirect_uri')).toMatch(/^http:\/\/localhost:\d+$/);
    expect(Object.fromEntries(asked)).toMatchObject({
      access_type: 'offline',
      prompt: 'consent',
      response_type: 'code',
    });
    expect(google.asked('token')[0]).toBeDefined();
  });

  test('S21: the browser is told of success when the file is there, not before', async () => {
    let there: boolean | undefined;
    const page = Promise.withResolvers<{ status: number; text: string }>();
    await attempt(
      {},
      {
        openBrowser: (url) => {
          browse(url).then((answer) => {
            there = existsSync(file);
            page.resolve(answer);
          }, page.reject);
          return Promise.resolve();
        },
      },
    );
    expect((await page.promise).text).toContain('You are logged in');
    expect(there).toBe(true);
  });

  test('S20: a wrong state gets a 400 page, and the login goes on', async () => {
    const statuses: number[] = [];
    const { exit } = await attempt(
      {},
      {
        openBrowser: async (url) => {
          const wrong = await browse(url, (back) => {
            back.searchParams.set('state', 'x');
          });
          statuses.push(wrong.status);
          void browse(url).then(({ status }) => statuses.push(status));
        },
      },
    );
    expect(exit).toBe(0);
    expect(statuses[0]).toBe(400);
  });

  test('an own OAuth client goes into the file with its login', async () => {
    const client = { clientId: 'own-client.apps.googleusercontent.com', clientSecret: 'own-client-secret' };
    const { exit } = await attempt({}, { oauth: { ...client, authUrl: google.authUrl, tokenUrl: google.tokenUrl } });
    expect(exit).toBe(0);
    expect(stored()).toMatchObject({ client_id: client.clientId, client_secret: client.clientSecret });
  });

  test('a browser that cannot be opened leaves the address', async () => {
    const said: string[] = [];
    const lines = silence();
    const terminal = {
      said,
      lines,
      say: (line: string) => {
        said.push(line);
        if (line.startsWith('http')) void browse(line);
      },
    };
    const { exit } = await attempt({}, { openBrowser: () => Promise.reject(new Error('no browser')), terminal });
    expect(exit).toBe(0);
    expect(said.join('\n')).toContain('Open this address in a browser');
  });
});

describe('login by pasting', () => {
  const backOf = async (address: string): Promise<URL> => {
    const consent = await fetch(address, { redirect: 'manual' });
    return new URL(consent.headers.get('location') ?? '');
  };

  test.each([
    ['the whole address', (back: URL) => [back.href]],
    ['the bare code', (back: URL) => [back.searchParams.get('code') ?? '']],
    [
      'nonsense, a blank line and a foreign address first',
      (back: URL) => ['what?', '', 'http://localhost:8080/?code=4/xxxxxxxx&state=y', back.href],
    ],
  ])('T6: %s', async (_, paste) => {
    const terminal = conversation(async (address) => paste(await backOf(address)));
    const { exit } = await attempt(
      { browser: false },
      { terminal, openBrowser: () => Promise.reject(new Error('not asked')) },
    );
    expect(exit).toBe(0);
    expect(stored()).toHaveProperty('refresh_token');
  });

  test('T6: works with the port taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const terminal = conversation(async (address) => [(await backOf(address)).href]);
    const { exit } = await attempt({ browser: false, port }, { terminal });
    await new Promise((resolve) => other.close(resolve));
    expect(exit).toBe(0);
  });

  test('a code that Google rejects is asked for again, on the same address', async () => {
    const terminal = conversation(async (address) => [
      '4/0Ab-made-up-code',
      (await backOf(address)).searchParams.get('code')?.slice(0, -4) ?? '',
      (await backOf(address)).href,
    ]);
    const { exit } = await attempt({ browser: false }, { terminal });
    expect(exit).toBe(0);
    expect(terminal.said.filter((line) => /did not accept the code.*paste the whole address/.test(line))).toHaveLength(
      2,
    );
    expect(terminal.said.filter((line) => line.startsWith('http'))).toHaveLength(1);
    expect(stored()).toHaveProperty('refresh_token');
  });

  test('a code that Google rejects, and then the end of the terminal: no wait for a browser', async () => {
    const terminal = conversation(() => Promise.resolve(['4/0Ab-made-up-code']));
    const { exit } = await attempt({ browser: false, force: true }, { terminal });
    expect(exit).toBe(1);
    expect(terminal.said.at(-1)).toMatch(/did not accept the code.*: npm run login -- --no-browser --port 0 --force$/);
  });

  test('also while the browser is waited for', async () => {
    const terminal = conversation(async (address) => [(await backOf(address)).href]);
    const { exit } = await attempt({}, { terminal, openBrowser: () => Promise.resolve() });
    expect(exit).toBe(0);
  });

  test('a terminal that ends leaves the browser as the way', async () => {
    const terminal = {
      say: (line: string) => {
        if (line.startsWith('http')) void browse(line);
      },
      lines: (async function* () {})(),
    };
    const { exit } = await attempt({ browser: false }, { terminal });
    expect(exit).toBe(0);
  });
});

describe('what goes wrong ends with one sentence, and leaves the old login as it was', () => {
  const OLD = { refresh_token: 'old', access_token: 'old', kept: true };
  const failing = async (options: Partial<LoginOptions> = {}, more: Partial<LoginNeeds> = {}): Promise<Trial> => {
    const before = existsSync(file) ? readFileSync(file) : putExisting(OLD);
    const trial = await attempt({ force: true, ...options }, more);
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(join(directory, 'new'))).toEqual(['oauth_creds.json']);
    return trial;
  };

  test('S22: the port in use, with both ways out', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { exit, said } = await failing({ port });
    await new Promise((resolve) => other.close(resolve));
    expect(exit).toBe(1);
    expect(said).toContain(`Port ${port} is in use`);
    expect(said).toMatch(/Free it.*--port \d+/);
  });

  test('consent denied', async () => {
    google.account.consent.deny = true;
    const page = Promise.withResolvers<{ text: string }>();
    const { exit, said } = await failing(
      {},
      {
        openBrowser: (url) => {
          browse(url).then(page.resolve, page.reject);
          return Promise.resolve();
        },
      },
    );
    expect(exit).toBe(1);
    expect(said).toContain('declined');
    expect((await page.promise).text).toContain('access_denied');
  });

  test('S23: the box for the cloud unticked', async () => {
    google.account.consent.withoutScopes = ['https://www.googleapis.com/auth/cloud-platform'];
    const { exit, said } = await failing();
    expect(exit).toBe(1);
    expect(said).toContain('Tick all boxes');
  });

  test('S23: no refresh token', async () => {
    google.account.consentedBefore = true;
    const { exit, said } = await failing(
      {},
      {
        openBrowser: (url) => {
          const without = new URL(url);
          without.searchParams.delete('prompt');
          void browse(without.href);
          return Promise.resolve();
        },
      },
    );
    expect(exit).toBe(1);
    expect(said).toContain('myaccount.google.com/permissions');
  });

  test('a code that Google does not take', async () => {
    const { exit, said } = await failing(
      {},
      {
        openBrowser: (url) => {
          void browse(url, (back) => {
            back.searchParams.set('code', '4/used-before');
          });
          return Promise.resolve();
        },
      },
    );
    expect(exit).toBe(1);
    expect(said).toMatch(/did not accept the code/);
  });

  test('a clock that is far off is named as the cause', async () => {
    const real = createSystem();
    const { exit, said } = await failing(
      {},
      {
        system: { ...real, now: () => real.now() + 3_600_000 },
        openBrowser: (url) => {
          void browse(url, (back) => {
            back.searchParams.set('code', '4/used-before');
          });
          return Promise.resolve();
        },
      },
    );
    expect(exit).toBe(1);
    expect(said).toMatch(/clock of this computer is 60 minutes ahead/);
  });

  test('the token endpoint down', async () => {
    const { exit, said } = await failing(
      {},
      {
        oauth: toOAuthSettings({
          clientId: undefined,
          clientSecret: undefined,
          authUrl: google.authUrl,
          tokenUrl: 'http://127.0.0.1:9/token',
        }),
      },
    );
    expect(exit).toBe(1);
    expect(said).toContain('127.0.0.1:9 cannot be reached');
  });

  test('S20: no answer in time', async () => {
    const { exit, said } = await failing({}, { openBrowser: () => Promise.resolve(), answerTimeoutMs: 50 });
    expect(exit).toBe(1);
    expect(said).toMatch(/No answer came.*--no-browser/);
  });

  test.each([
    [undefined, 'Nothing was changed.'],
    [true, '`.env` keeps what you entered.'],
  ])('S20: Ctrl-C, kept before: %s', async (keptBefore, words) => {
    const interrupt = new AbortController();
    const { exit, said } = await failing(
      {},
      {
        ...(keptBefore && { keptBefore }),
        signal: interrupt.signal,
        openBrowser: () => {
          setTimeout(() => {
            interrupt.abort(new Error('SIGINT'));
          }, 20);
          return Promise.resolve();
        },
      },
    );
    expect(exit).toBe(130);
    expect(said).toContain(words);
  });

  test('a file that cannot be written: the browser is not told of success', async () => {
    const page = Promise.withResolvers<{ text: string }>();
    const { realFiles } = await import('../../src/credentials/file.ts');
    const { exit, said } = await failing(
      {},
      {
        files: { ...realFiles, rename: () => Promise.reject(Object.assign(new Error('EROFS'), { code: 'EROFS' })) },
        openBrowser: (url) => {
          browse(url).then(page.resolve, page.reject);
          return Promise.resolve();
        },
      },
    );
    expect(exit).toBe(1);
    expect(said).toContain('could not be written');
    expect((await page.promise).text).not.toContain('You are logged in');
  });
});

describe('an existing login', () => {
  const untouched = async (options: Partial<LoginOptions> = {}): Promise<Trial> =>
    attempt(options, { openBrowser: () => Promise.reject(new Error('not asked for')) });

  test('that works is reported and kept', async () => {
    const before = putExisting(google.credentials);
    const { exit, said } = await untouched();
    expect(exit).toBe(0);
    expect(said).toMatch(/already, of owner@example\.com.*kept/);
    expect(said).toContain('npm run login -- --port 0 --force');
    expect(readFileSync(file)).toEqual(before);
  });

  test('that works is replaced with --force', async () => {
    putExisting(google.credentials);
    expect((await attempt({ force: true })).exit).toBe(0);
    expect(stored()['refresh_token']).not.toBe(google.credentials.refresh_token);
  });

  test('that is revoked is replaced', async () => {
    putExisting(google.credentials);
    google.revokeTokens();
    const { exit, said } = await attempt();
    expect(exit).toBe(0);
    expect(said).toContain('does not work any more');
    expect(stored()['refresh_token']).not.toBe(google.credentials.refresh_token);
  });

  test('that cannot be checked is kept', async () => {
    const before = putExisting({ ...google.credentials, expiry_date: 1, token_uri: 'http://127.0.0.1:9/token' });
    const { exit, said } = await untouched();
    expect(exit).toBe(1);
    expect(said).toContain('cannot be checked');
    expect(readFileSync(file)).toEqual(before);
  });

  test.each([
    ['a service account', { type: 'service_account', private_key: 'x' }, 'service_account'],
    ['something else', { name: 'package' }, 'neither a refresh_token'],
  ])('%s is not overwritten', async (_, value, words) => {
    const before = putExisting(value);
    const { exit, said } = await untouched();
    expect(exit).toBe(1);
    expect(said).toContain(words);
    expect(said).toContain('--force');
    expect(readFileSync(file)).toEqual(before);
  });

  test('a directory in its place', async () => {
    mkdirSync(file, { recursive: true });
    const { exit, said } = await untouched({ force: true });
    expect(exit).toBe(1);
    expect(said).toContain('is a directory');
  });

  test('R4: behind a symbolic link that leads nowhere yet', async () => {
    mkdirSync(join(directory, 'new'));
    symlinkSync('real.json', file);
    expect((await attempt()).exit).toBe(0);
    expect(readdirSync(join(directory, 'new')).sort()).toEqual(['oauth_creds.json', 'real.json']);
  });
});

describe('--import', () => {
  const home = () => join(directory, '.gemini');
  const putCli = (name: string, text: string): string => {
    mkdirSync(home(), { recursive: true });
    writeFileSync(join(home(), name), text);
    return join(home(), name);
  };
  const take = (from?: string, more: Partial<LoginNeeds> = {}) =>
    attempt({ importFrom: { file: from } }, { openBrowser: () => Promise.reject(new Error('not asked for')), ...more });

  test("takes a copy of Gemini CLI's login, once it is known to work", async () => {
    const source = putCli('oauth_creds.json', JSON.stringify({ ...google.credentials, expiry_date: 1, stranger: [1] }));
    const before = readFileSync(source);
    const { exit, said } = await take();
    expect(exit).toBe(0);
    expect(said).toContain('owner@example.com');
    expect(stored()).toMatchObject({ refresh_token: google.credentials.refresh_token, stranger: [1] });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(source)).toEqual(before);
  });

  test('from a file that is named, in its own format and with its own client', async () => {
    const source = putCli('mine.json', JSON.stringify(google.authorizedUser));
    expect((await take(source)).exit).toBe(0);
    expect(stored()).toMatchObject({ client_id: google.authorizedUser['client_id'], token_uri: google.tokenUrl });
  });

  test('with a client that Google refuses: of the file it is told, and not of settings', async () => {
    const source = putCli('mine.json', JSON.stringify({ ...google.authorizedUser, client_secret: 'of-another' }));
    const { exit, said } = await take(source);
    expect(exit).toBe(1);
    expect(said).toMatch(/refuses the OAuth client that the login in .*mine\.json was made with \(\w+\)/);
    expect(said).not.toContain('GOOGLE_OAUTH_CLIENT_ID');
  });

  test.each([
    ['no file', undefined, /no file .*oauth_creds\.json/],
    ['an ended login', { ...({} as object), refresh_token: 'unknown' }, /ended the login/],
    ['no refresh token', { access_token: 'x' }, /no refresh token/],
    ['a service account', { type: 'service_account' }, /UPSTREAM=vertex/],
    ['nonsense', 'nonsense', /neither|does not parse|not an object/],
  ])('%s: nothing is kept', async (_, value, words) => {
    if (value !== undefined) putCli('oauth_creds.json', JSON.stringify(value));
    const { exit, said } = await take();
    expect(exit).toBe(1);
    expect(said).toMatch(words);
    expect(existsSync(file)).toBe(false);
  });

  test('the encrypted store is recognised, by its place and by its look', async () => {
    const hex = (length: number) => 'a1'.repeat(length);
    const source = putCli('gemini-credentials.json', `${hex(16)}:${hex(16)}:${hex(200)}`);
    expect((await take()).said).toContain('encrypted');
    expect((await take(source)).said).toContain('encrypted');
  });
});

describe('the end of a login', () => {
  test('names tier and project', async () => {
    const { said } = await attempt(
      {},
      { checkAccount: () => Promise.resolve({ tier: 'standard-tier', project: 'p-1' }) },
    );
    expect(said).toMatch(/tier standard-tier, project p-1/);
  });

  test('an account that is not eligible is told so, and the login is kept all the same', async () => {
    const checkAccount = () =>
      Promise.reject(
        new RelayError('UNAVAILABLE', 'Not eligible; use UPSTREAM=vertex.', { reason: 'account_ineligible' }),
      );
    const { exit, said } = await attempt({}, { checkAccount });
    expect(exit).toBe(0);
    expect(said).toContain('Not eligible; use UPSTREAM=vertex.');
    expect(existsSync(file)).toBe(true);
  });

  test('a variable that would win is pointed out', async () => {
    const { said } = await attempt({}, { variableIsSet: true });
    expect(said.split('\n').at(-1)).toContain('GEMINI_CREDENTIALS');
  });
});
