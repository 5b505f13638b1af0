import { win32 } from 'node:path';
import { expect, test } from 'vitest';
import { sqlitePath } from '../../src/config/readers.ts';

test.each([
  ['///C:/data/relay.db', 'C:/data/relay.db'],
  ['///d:\\data\\relay.db', 'd:\\data\\relay.db'],
  ['C:/data/relay.db', 'C:/data/relay.db'],
  ['/C:/data/relay.db', 'C:/data/relay.db'],
])('on Windows %s is %s, which has its drive', (address, path) => {
  expect(sqlitePath(address, 'win32')).toBe(path);
  expect(win32.parse(path).root).toMatch(/^[a-z]:[\\/]$/i);
});

test('elsewhere a drive is a folder like any other', () => {
  expect(sqlitePath('///C:/data/relay.db', 'linux')).toBe('/C:/data/relay.db');
  expect(sqlitePath('///data/relay.db', 'linux')).toBe('/data/relay.db');
  expect(sqlitePath('data/relay.db', 'linux')).toBe('data/relay.db');
});
