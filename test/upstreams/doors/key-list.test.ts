import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openKeyList } from '../../../src/upstreams/doors/key-list.ts';
import type { OpenKeyList } from '../../../src/upstreams/doors/key-list.ts';

const KEYS = ['A', 'B'].map((letter) => `AIza${letter.repeat(35)}`);

let folder: string;
let path: string;
let failure: string | undefined;
let warned: unknown[];
let list: OpenKeyList | undefined;
/** The next look at the file. */
let look: () => Promise<void>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'key-list-'));
  path = join(folder, 'keys');
  writeFileSync(path, KEYS[0] ?? '');
  [failure, warned] = [undefined, []];
});
afterEach(async () => {
  await list?.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (): Promise<void> => {
  let wake = Promise.withResolvers<undefined>();
  let waits = Promise.withResolvers<undefined>();
  look = async () => {
    const looked = (waits = Promise.withResolvers());
    wake.resolve(undefined);
    await looked.promise;
  };
  list = await openKeyList(
    { geminiApiKey: undefined, apiKeys: [], apiKeysFile: path },
    {
      system: {
        sleep: async (_ms, signal) => {
          waits.resolve(undefined);
          wake = Promise.withResolvers();
          signal?.addEventListener('abort', () => {
            wake.reject(signal.reason as Error);
          });
          await wake.promise;
        },
      },
      log: { info: () => undefined, warn: (_message, fields) => warned.push(fields) },
      hide: () => undefined,
      readText: (file) =>
        failure === undefined
          ? Promise.resolve(readFileSync(file, 'utf8'))
          : Promise.reject(Object.assign(new Error(failure), { code: failure })),
    },
  );
};
const read = (): readonly string[] => list?.keys.map(({ key }) => key) ?? [];

describe('R7: a file of API keys that the system refuses to read is read again', () => {
  test.each([
    ['EIO', 'cannot be read (EIO)'],
    ['EMFILE', 'cannot be read (EMFILE)'],
    ['ENOENT', undefined],
    ['EISDIR', 'is a folder'],
    ['EACCES', 'may not be read by the user that runs the relay (EACCES)'],
  ])('%s while it changed', async (code, told) => {
    await open();
    expect(read()).toEqual([KEYS[0]]);
    writeFileSync(path, KEYS.join('\n'));
    failure = code;
    await look();
    await look();
    expect(read()).toEqual([KEYS[0]]);
    expect(warned).toEqual([{ problem: told === undefined ? `there is no ${path}` : `${path} ${told}` }]);
    failure = undefined;
    await look();
    expect(read()).toEqual(KEYS);
  });

  test('EIO at the start', async () => {
    failure = 'EIO';
    await open();
    expect(read()).toEqual([]);
    failure = undefined;
    await look();
    expect(read()).toEqual([KEYS[0]]);
  });
});
