import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRelayKey, relayKeyPath } from '../src/relay-key.ts';

describe('S1: a key of the relay’s own making', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'relay-key-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('is 32 random bytes, kept for its owner alone, and found again', async () => {
    const path = relayKeyPath(join(folder, 'data', 'oauth_creds.json'));
    const made = await openRelayKey(path);
    expect(made.origin).toBe('created');
    expect(Buffer.from(made.value, 'base64url')).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    expect(await openRelayKey(path)).toEqual({ value: made.value, origin: 'stored', path });
  });

  test('starts at one time take the same one', async () => {
    const path = join(folder, '.relay-key');
    const keys = await Promise.all(Array.from({ length: 8 }, () => openRelayKey(path)));
    const stored = readFileSync(path, 'utf8').trim();
    expect(new Set(keys.map(({ value }) => value))).toEqual(new Set([stored]));
    expect(keys.filter(({ origin }) => origin === 'created')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['.relay-key']);
  });

  test.runIf(process.platform !== 'win32')(
    'a disk that takes no byte of it is left without a file, so that the next start keeps one',
    async () => {
      const path = join(folder, '.relay-key');
      const program = `
        const { openRelayKey } = await import(${JSON.stringify(new URL('../src/relay-key.ts', import.meta.url).href)});
        console.log((await openRelayKey(${JSON.stringify(path)})).origin);`;
      // Files that this process writes may have no length.
      const limited = `trap '' XFSZ; ulimit -f 0; exec "$0" --input-type=module -e "$1"`;
      const { stdout, stderr } = spawnSync('sh', ['-c', limited, process.execPath, program], { encoding: 'utf8' });
      expect([stdout, stderr]).toEqual(['unsaved\n', '']);
      expect(readdirSync(folder)).toEqual([]);
      expect((await openRelayKey(path)).origin).toBe('created');
    },
  );

  test('where it cannot be kept, there is one all the same', async () => {
    writeFileSync(join(folder, 'file'), '');
    const made = await openRelayKey(join(folder, 'file', '.relay-key'));
    expect([made.origin, made.value.length]).toEqual(['unsaved', 43]);
  });

  test.each<[string, (path: string) => void]>([
    [
      'a directory',
      (path) => {
        mkdirSync(path);
      },
    ],
    [
      'a link',
      (path) => {
        writeFileSync(`${path}.x`, 'x'.repeat(43));
        symlinkSync(`${path}.x`, path);
      },
    ],
    [
      'an empty file',
      (path) => {
        writeFileSync(path, '\n');
      },
    ],
  ])('%s in its place is neither followed nor overwritten', async (_name, put) => {
    const path = join(folder, '.relay-key');
    put(path);
    expect((await openRelayKey(path)).origin).toBe('unsaved');
  });

  // Linux refuses to read the first page of a process' memory, for root as well.
  test.runIf(process.platform === 'linux')(
    'one that the system does not let us read is said, not replaced',
    async () => {
      await expect(openRelayKey('/proc/self/mem')).rejects.toThrow(
        /^the relay's own key in \/proc\/self\/mem cannot be read \(EIO\)\. .*GEMINI_AUTH_PASSWORD$/,
      );
    },
  );

  test('a file that others may read is tightened', async () => {
    const path = join(folder, '.relay-key');
    writeFileSync(path, 'k'.repeat(43));
    chmodSync(path, 0o644);
    expect((await openRelayKey(path)).origin).toBe('stored');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
