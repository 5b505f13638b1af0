import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { showConsole } from '../../src/program/show-console.ts';

const ADDRESS = 'http://127.0.0.1:8888/console';
const TOLD = [['no browser could be started: open this address yourself', { url: ADDRESS }]];

/** What the owner is told, when the program that shows pages has ended. */
const show = async (program: string, ...args: string[]): Promise<unknown[]> => {
  const said: unknown[] = [];
  const log = { ...silentLogger, warn: (message: string, fields?: object) => said.push([message, fields]) };
  let ended: Promise<unknown> | undefined;
  await showConsole(ADDRESS, log, async (address) => {
    const browser = spawn(program, [...args, address]);
    ended = once(browser, 'exit');
    ended.catch(() => undefined);
    await once(browser, 'spawn');
    return browser;
  });
  await ended?.catch(() => undefined);
  return said;
};

test('a browser that starts needs no word', async () => {
  expect(await show(process.execPath, '--eval', '0')).toEqual([]);
});

test('where none can be started, or none is found by what looks for one, the address is told', async () => {
  expect(await show('/no/such/xdg-open')).toEqual(TOLD);
  expect(await show(process.execPath, '--eval', 'process.exit(3)')).toEqual(TOLD);
});

test('where what looks for a browser has ended before it is waited for, as on Windows, the address is told as well', async () => {
  const said: unknown[] = [];
  const log = { ...silentLogger, warn: (message: string, fields?: object) => said.push([message, fields]) };
  const ending = (code: number) => async (): Promise<ChildProcess> => {
    const browser = spawn(process.execPath, ['--eval', `process.exit(${code})`]);
    await once(browser, 'close');
    return browser;
  };
  await showConsole(ADDRESS, log, ending(0));
  expect(said).toEqual([]);
  await showConsole(ADDRESS, log, ending(1));
  expect(said).toEqual(TOLD);
});
