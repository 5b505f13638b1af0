import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { realFiles } from '../../src/credentials/file.ts';
import type { Files } from '../../src/credentials/file.ts';
import type { TokenUpdate } from '../../src/credentials/rewrite.ts';
import { openStore } from '../../src/credentials/store.ts';
import type { CredentialStore } from '../../src/credentials/store.ts';
import type { StoredCredentials } from '../../src/credentials/stored.ts';
import { createSystem } from '../../src/system.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { createVirtualSystem, until } from '../support/virtual-system.ts';
import { quietNow } from '../support/machine.ts';

let directory: string;
let path: string;
const opened: CredentialStore[] = [];

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'store-')));
  path = join(directory, 'oauth_creds.json');
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const LOGIN = { access_token: 'at-1', refresh_token: 'rt-1', expiry_date: 1_700_000_000_000, extra: { kept: [1] } };

const put = (value: unknown, mode = 0o600): void => {
  writeFileSync(path, JSON.stringify(value, null, 2), { mode });
};

const open = async (more: { files?: Files; system?: ReturnType<typeof createVirtualSystem> } = {}) => {
  const log = createMemoryLog();
  const store = await openStore({ path, system: createSystem(), log, ...more });
  opened.push(store);
  return { store, log };
};

const identityOf = (stored: StoredCredentials): string => {
  if (stored.kind !== 'oauth') throw new Error(`no login, but ${stored.kind}`);
  return stored.identity;
};

const update = (more: Partial<TokenUpdate> = {}): TokenUpdate => ({
  accessToken: 'at-2',
  expiresAt: 1_800_000_000_000,
  lifetimeMs: 3_600_000,
  extras: {},
  ...more,
});

const onDisk = (): Record<string, unknown> => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
const modeOf = (file: string): number => statSync(file).mode & 0o777;
const failWith = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

describe('a credentials file', () => {
  test('no file: a login is needed, and the message says how', async () => {
    const { store } = await open();
    expect(store.current()).toMatchObject({
      kind: 'missing',
      fix: expect.stringContaining('npm run login') as string,
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('R1: a save takes the name of the old file in one step and leaves nothing beside it', async () => {
    put(LOGIN);
    const inode = statSync(path).ino;
    const { store } = await open();
    await store.save(identityOf(store.current()), update({ refreshToken: 'rt-2' }));
    expect(onDisk()).toEqual({ ...LOGIN, access_token: 'at-2', refresh_token: 'rt-2', expiry_date: 1_800_000_000_000 });
    expect(statSync(path).ino).not.toBe(inode);
    expect(modeOf(path)).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['oauth_creds.json']);
  });

  test('R2: an answer without a refresh token keeps the stored one', async () => {
    put(LOGIN);
    const { store } = await open();
    await store.save(identityOf(store.current()), update());
    expect(onDisk()).toMatchObject({ access_token: 'at-2', refresh_token: 'rt-1', extra: { kept: [1] } });
  });

  test('R3: a file that others can read is tightened', async () => {
    put(LOGIN);
    chmodSync(path, 0o644);
    await open();
    expect(modeOf(path)).toBe(0o600);
  });

  test('R3: one that cannot be tightened gets one warning with the command', async () => {
    put(LOGIN);
    chmodSync(path, 0o640);
    const { log } = await open({ files: { ...realFiles, chmod: failWith('EPERM') } });
    expect(log.lines.filter((line) => line.level === 'warn')).toEqual([
      { level: 'warn', message: 'credentials file is readable by others', fields: { path, fix: `chmod 600 ${path}` } },
    ]);
  });

  test.each([
    [
      'a directory',
      () => {
        mkdirSync(path);
      },
      'is a directory',
    ],
    [
      'a FIFO',
      () => {
        execFileSync('mkfifo', [path]);
      },
      'is a FIFO',
    ],
    [
      'a device',
      () => {
        symlinkSync('/dev/zero', path);
      },
      'is a device',
    ],
    [
      'a circle of links',
      () => {
        symlinkSync(path, path);
      },
      'in a circle',
    ],
    [
      'more than 1 MiB',
      () => {
        writeFileSync(path, '');
        truncateSync(path, 1024 * 1024 + 1);
      },
      'larger than 1 MiB',
    ],
  ])('R3: %s in its place is refused by name, at once', async (_, make, problem) => {
    make();
    const started = quietNow();
    const { store } = await open();
    expect(quietNow() - started).toBeLessThan(1000);
    expect(store.current()).toMatchObject({ kind: 'invalid', problem: expect.stringContaining(problem) as string });
  });

  test('R4: a symbolic link stays one; its target is replaced, and keeps company in its own directory only', async () => {
    const real = join(directory, 'elsewhere');
    mkdirSync(real);
    writeFileSync(join(real, 'real.json'), JSON.stringify(LOGIN), { mode: 0o600 });
    symlinkSync(join('elsewhere', 'real.json'), path);
    const { store } = await open();
    await store.save(identityOf(store.current()), update());
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(join(real, 'real.json'), 'utf8'))).toMatchObject({ access_token: 'at-2' });
    expect(readdirSync(real)).toEqual(['real.json']);
  });

  test.each(['EBUSY', 'EXDEV'])('R4: a mounted file (%s) is written over, through a complete copy', async (code) => {
    put({ ...LOGIN, padding: 'x'.repeat(500) });
    const inode = statSync(path).ino;
    const steps: string[] = [];
    const rename: Files['rename'] = async (from, to) => {
      if (to === path) return failWith(code)();
      await realFiles.rename(from, to);
      steps.push(readFileSync(String(to), 'utf8'));
    };
    const { store } = await open({ files: { ...realFiles, rename } });
    await store.save(identityOf(store.current()), update());
    expect(statSync(path).ino).toBe(inode);
    expect(onDisk()).toMatchObject({ access_token: 'at-2', refresh_token: 'rt-1' });
    expect(steps.map((text) => JSON.parse(text) as unknown)).toEqual([onDisk()]);
    expect(readdirSync(directory)).toEqual(['oauth_creds.json']);
    expect(store.persisted()).toBe(true);
  });

  test('R4: a main file left half written is healed from its copy at start, with one line', async () => {
    writeFileSync(path, '{"access_token":"at-1","refre', { mode: 0o600 });
    writeFileSync(join(directory, '.oauth_creds.json.copy'), JSON.stringify(LOGIN), { mode: 0o600 });
    const { store, log } = await open();
    expect(store.current()).toMatchObject({ kind: 'oauth', credentials: { refreshToken: 'rt-1' } });
    expect(onDisk()).toEqual(LOGIN);
    expect(log.of('warn')).toHaveLength(1);
    expect(readdirSync(directory)).toEqual(['oauth_creds.json']);
  });

  test('R4: an old copy does not undo a login that came after it', async () => {
    writeFileSync(join(directory, '.oauth_creds.json.copy'), JSON.stringify(LOGIN));
    utimesSync(join(directory, '.oauth_creds.json.copy'), 1_700_000_000, 1_700_000_000);
    put({ ...LOGIN, refresh_token: 'rt-new' });
    const { store } = await open();
    expect(store.current()).toMatchObject({ credentials: { refreshToken: 'rt-new' } });
    expect(readdirSync(directory)).toEqual(['oauth_creds.json']);
  });

  test.each(['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EIO'])(
    'R5: %s: goes on from memory, warns once, leaves the old file as it was, tries again each minute',
    async (code) => {
      put(LOGIN);
      const before = readFileSync(path);
      let broken = true;
      let attempts = 0;
      const files: Files = {
        ...realFiles,
        rename: async (from, to) => {
          attempts++;
          if (broken) throw Object.assign(new Error(code), { code });
          await realFiles.rename(from, to);
        },
      };
      const system = createVirtualSystem();
      const { store, log } = await open({ files, system });
      const identity = identityOf(store.current());
      await store.save(identity, update({ refreshToken: 'rt-2' }));
      await store.save(identity, update({ accessToken: 'at-3' }));
      expect(store.current()).toMatchObject({ credentials: { accessToken: 'at-3', refreshToken: 'rt-2' } });
      expect(store.persisted()).toBe(false);
      expect(log.of('warn')).toHaveLength(1);
      expect(readFileSync(path)).toEqual(before);
      expect(readdirSync(directory)).toEqual(['oauth_creds.json']);
      expect(attempts).toBe(1);

      await system.advance(1000);
      utimesSync(path, 1_750_000_000, 1_750_000_000); // Touched, not changed: the tokens in memory stay.
      await until('the file is looked at', async () => {
        await system.advance(500);
        await store.reload();
        return true;
      });
      expect(store.current()).toMatchObject({ credentials: { refreshToken: 'rt-2' } });

      broken = false;
      await until('the save is made up for', async () => {
        await system.advance(10_000);
        return store.persisted();
      });
      expect(onDisk()).toMatchObject({ access_token: 'at-3', refresh_token: 'rt-2', extra: { kept: [1] } });
      expect(log.of('warn')).toHaveLength(1);
    },
  );

  test('R5: a full disk leaves no temporary file behind', async () => {
    put(LOGIN);
    const before = readFileSync(path);
    const files: Files = {
      ...realFiles,
      open: async (file, flags, mode) => {
        const handle = await realFiles.open(file, flags, mode);
        if (flags === 'wx') handle.writeFile = failWith('ENOSPC');
        return handle;
      },
    };
    const { store } = await open({ files });
    await store.save(identityOf(store.current()), update());
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(directory)).toEqual(['oauth_creds.json']);
  });

  test('R7: a login that ran meanwhile wins over a save, and is taken over', async () => {
    put(LOGIN);
    const system = createVirtualSystem();
    const { store } = await open({ system });
    const identity = identityOf(store.current());
    let changes = 0;
    store.onChange(() => changes++);
    put({ access_token: 'theirs', refresh_token: 'rt-theirs', expiry_date: 1 });
    await store.save(identity, update({ refreshToken: 'rt-2' }));
    expect(onDisk()).toMatchObject({ access_token: 'theirs', refresh_token: 'rt-theirs' });
    expect(store.current()).toMatchObject({ credentials: { refreshToken: 'rt-theirs' } });
    expect(identityOf(store.current())).not.toBe(identity);
    expect(changes).toBe(1);
  });

  describe('R2: a refresh writes over nothing but the last good text of its own login', () => {
    const broken: [string, string][] = [
      ['an empty file', ''],
      ['a torn file', '{"access_token":"at-1","refresh_token":"rt-1","clie'],
      ['a file of another program', '{"mcpServers":{"theirs":true}}'],
      ['a description of an OAuth client', '{"installed":{"client_id":"id","client_secret":"secret"}}'],
      ['a list', '[1,2]'],
    ];

    test.each(broken)('%s is left alone, with one line; the tokens follow when it is whole', async (_, text) => {
      put(LOGIN);
      const system = createVirtualSystem();
      const { store, log } = await open({ system });
      const identity = identityOf(store.current());
      writeFileSync(path, text);
      const settle = async (saving: Promise<void>): Promise<void> => {
        let open = true;
        void saving.then(() => (open = false));
        await until('the save has ended', async () => {
          if (open) await system.advance(50);
          return !open;
        });
      };
      await settle(store.save(identity, update({ refreshToken: 'rt-2' })));
      await settle(store.save(identity, update({ accessToken: 'at-3' })));
      expect(readFileSync(path, 'utf8')).toBe(text);
      expect(readdirSync(directory)).toEqual(['oauth_creds.json']);
      expect(store.persisted()).toBe(false);
      expect(log.of('warn')).toHaveLength(1);
      expect(log.of('warn')[0]).toMatch(/holds no login to put new tokens into/);

      // The other writer has come to its end, with what it knew: the old refresh token.
      put({ ...LOGIN, client_id: 'id', client_secret: 'secret', extra: { kept: [2] } });
      await store.reload();
      expect(onDisk()).toMatchObject({
        access_token: 'at-3',
        refresh_token: 'rt-2',
        client_id: 'id',
        client_secret: 'secret',
        extra: { kept: [2] },
      });
      expect(store.persisted()).toBe(true);
      await store.reload();
      expect(store.current()).toMatchObject({ kind: 'oauth', credentials: { refreshToken: 'rt-2', clientId: 'id' } });
      expect(log.of('warn')).toHaveLength(1);
    });

    test('tokens that arrive while the file is broken are not lost, though it was believed to be', async () => {
      put(LOGIN);
      const { store } = await open();
      const identity = identityOf(store.current());
      writeFileSync(path, '');
      await store.reload();
      await store.reload();
      expect(store.current().kind).toBe('invalid');
      await store.save(identity, update({ refreshToken: 'rt-2' }));
      expect(readFileSync(path, 'utf8')).toBe('');
      put(LOGIN);
      await store.reload();
      expect(identityOf(store.current())).toBe(identity);
      expect(store.current()).toMatchObject({ credentials: { accessToken: 'at-2', refreshToken: 'rt-2' } });
      expect(onDisk()).toEqual({
        ...LOGIN,
        access_token: 'at-2',
        refresh_token: 'rt-2',
        expiry_date: 1_800_000_000_000,
      });
    });

    test('a login without a refresh token in its place is another one', async () => {
      put(LOGIN);
      const { store } = await open();
      put({ access_token: 'theirs', expiry_date: 1 });
      await store.save(identityOf(store.current()), update({ refreshToken: 'rt-2' }));
      expect(onDisk()).toEqual({ access_token: 'theirs', expiry_date: 1 });
      expect(store.current()).toMatchObject({ credentials: { accessToken: 'theirs' } });
    });

    test('what another program writes right after the save is seen', async () => {
      put(LOGIN);
      const rename: Files['rename'] = async (from, to) => {
        await realFiles.rename(from, to);
        put({ ...LOGIN, refresh_token: 'rt-theirs' });
      };
      const { store } = await open({ files: { ...realFiles, rename } });
      await store.save(identityOf(store.current()), update());
      await store.reload();
      expect(store.current()).toMatchObject({ credentials: { refreshToken: 'rt-theirs' } });
    });

    test('a copy does not heal over a file that cannot be read', async () => {
      put({ ...LOGIN, refresh_token: 'rt-new' });
      writeFileSync(join(directory, '.oauth_creds.json.copy'), JSON.stringify(LOGIN));
      const files: Files = {
        ...realFiles,
        open: (file, flags, mode) => (String(file) === path ? failWith('EMFILE')() : realFiles.open(file, flags, mode)),
      };
      await open({ files });
      expect(onDisk()).toMatchObject({ refresh_token: 'rt-new' });
      expect(existsSync(join(directory, '.oauth_creds.json.copy'))).toBe(true);
    });
  });

  describe('R7: a read error is tried again', () => {
    const unlucky = (): { files: Files; fail: (code: string | undefined) => void } => {
      let failing: string | undefined;
      return {
        files: {
          ...realFiles,
          open: (file, flags, mode) =>
            failing === undefined ? realFiles.open(file, flags, mode) : failWith(failing)(),
        },
        fail: (code) => (failing = code),
      };
    };

    test.each(['EMFILE', 'ENFILE', 'EIO', 'EACCES'])('%s while the file changed', async (code) => {
      put(LOGIN);
      const { files, fail } = unlucky();
      const { store, log } = await open({ files, system: createVirtualSystem() });
      fail(code);
      put({ ...LOGIN, refresh_token: 'rt-9' });
      for (let look = 0; look < 5; look++) await store.reload();
      expect(store.current()).toMatchObject({ kind: 'oauth', credentials: { refreshToken: 'rt-1' } });
      expect(log.of('warn')).toEqual(['credentials file cannot be read for now']);
      fail(undefined);
      await store.reload();
      expect(store.current()).toMatchObject({ credentials: { refreshToken: 'rt-9' } });
    });

    test('at the start a file that another user keeps for itself is told as that', async () => {
      put(LOGIN);
      const { files, fail } = unlucky();
      fail('EACCES');
      const { store } = await open({ files, system: createVirtualSystem() });
      expect(store.current()).toMatchObject({
        kind: 'invalid',
        problem: expect.stringContaining('may not be read by the user that runs the relay (EACCES)') as string,
      });
    });

    test('at the start', async () => {
      put(LOGIN);
      const { files, fail } = unlucky();
      fail('EMFILE');
      const { store, log } = await open({ files, system: createVirtualSystem() });
      expect(store.current()).toMatchObject({ kind: 'invalid', problem: expect.stringMatching(/EMFILE/) as string });
      await store.reload();
      fail(undefined);
      await store.reload();
      expect(store.current().kind).toBe('oauth');
      expect(log.of('error')).toHaveLength(1);
      expect(log.of('warn')).toEqual([]);
    });
  });

  test('R7: a new login is picked up within 2 s', async () => {
    const { store } = await open();
    let changes = 0;
    store.onChange(() => changes++);
    const started = quietNow();
    put(LOGIN);
    await until('picked up', () => store.current().kind === 'oauth');
    expect(quietNow() - started).toBeLessThan(2000);
    expect(changes).toBe(1);
    expect(identityOf(store.current())).toMatch(/^[\da-f]{16}$/);
  });

  test('R7: temporary files of dead runs are removed at start, young ones are not', async () => {
    put(LOGIN);
    const stale = join(directory, '.oauth_creds.json.AAAA.tmp');
    writeFileSync(stale, 'x');
    utimesSync(stale, Date.now() / 1000 - 61, Date.now() / 1000 - 61);
    writeFileSync(join(directory, '.oauth_creds.json.BBBB.tmp'), 'x');
    writeFileSync(join(directory, '.other.json.CCCC.tmp'), 'x');
    utimesSync(join(directory, '.other.json.CCCC.tmp'), 1, 1);
    await open();
    expect(readdirSync(directory).sort()).toEqual([
      '.oauth_creds.json.BBBB.tmp',
      '.other.json.CCCC.tmp',
      'oauth_creds.json',
    ]);
  });

  test('what others write half is not believed at first sight, a logout is believed soon', async () => {
    put(LOGIN);
    const system = createVirtualSystem();
    const { store, log } = await open({ system });
    writeFileSync(path, '{"access_tok');
    await store.reload();
    expect(store.current().kind).toBe('oauth');
    put({ ...LOGIN, refresh_token: 'rt-9' });
    await store.reload();
    expect(store.current()).toMatchObject({ credentials: { refreshToken: 'rt-9' } });
    expect(log.of('error')).toEqual([]);

    rmSync(path);
    await store.reload();
    await store.reload();
    expect(store.current().kind).toBe('missing');
    expect(existsSync(path)).toBe(false);
  });

  test('a file that was taken away is not brought back by a save', async () => {
    put(LOGIN);
    const { store } = await open();
    const identity = identityOf(store.current());
    renameSync(path, `${path}.away`);
    await store.save(identity, update());
    expect(existsSync(path)).toBe(false);
  });

  test('the same login touched by another program keeps its identity', async () => {
    put(LOGIN);
    const { store } = await open({ system: createVirtualSystem() });
    const identity = identityOf(store.current());
    put({ ...LOGIN, access_token: 'at-other', expiry_date: 1_900_000_000_000 });
    await store.reload();
    expect(store.current()).toMatchObject({ identity, credentials: { accessToken: 'at-other' } });
  });

  test('an ADC file is named as such and left alone', async () => {
    put({ type: 'service_account', private_key: 'k' }, 0o644);
    chmodSync(path, 0o644);
    const { store } = await open();
    expect(store.current()).toMatchObject({ kind: 'adc', type: 'service_account' });
    expect(modeOf(path)).toBe(0o644);
  });
});

describe('R6: credentials in the environment', () => {
  const openVariable = async (value: string) => {
    const log = createMemoryLog();
    const variable = { name: 'GEMINI_CREDENTIALS', value };
    const store = await openStore({ variable, path, system: createVirtualSystem(), log });
    return { store, log };
  };

  test('win over a file and never reach the disk', async () => {
    put({ ...LOGIN, refresh_token: 'rt-file' });
    const before = readFileSync(path);
    const { store, log } = await openVariable(JSON.stringify(LOGIN));
    const identity = identityOf(store.current());
    await store.save(identity, update({ refreshToken: 'rt-2' }));
    await store.save(identity, update({ refreshToken: 'rt-3' }));
    expect(store.current()).toMatchObject({ identity, credentials: { accessToken: 'at-2', refreshToken: 'rt-3' } });
    expect(readFileSync(path)).toEqual(before);
    expect(store.source).toBe('environment');
    expect(log.of('warn')).toHaveLength(1);
  });

  test('that do not parse are reported by name and place; the file does not stand in for them', async () => {
    put(LOGIN);
    const { store, log } = await openVariable('{"refresh_token": canary}');
    const stored = store.current();
    expect(stored).toMatchObject({
      kind: 'invalid',
      problem: expect.stringMatching(/GEMINI_CREDENTIALS.*column 19/) as string,
    });
    expect(JSON.stringify(log.lines)).toMatch(/GEMINI_CREDENTIALS.*column 19/);
    expect(JSON.stringify([stored, log.lines])).not.toMatch(/canary/);
  });

  test('an empty variable is none', async () => {
    put(LOGIN);
    const { store } = await openVariable(' ');
    expect(store.source).toBe('file');
    await store.close();
  });
});
