import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
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

  test('two starts at one time take the same one', async () => {
    const path = join(folder, '.relay-key');
    const values = await Promise.all([openRelayKey(path), openRelayKey(path), openRelayKey(path)]);
    const stored = readFileSync(path, 'utf8').trim();
    // One that lost the race and read too early serves with a key of its own for this start, never with an empty one.
    for (const { value, origin } of values) {
      if (origin === 'unsaved') expect(value).toHaveLength(43);
      else expect(value).toBe(stored);
    }
  });

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
