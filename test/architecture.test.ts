import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** The rooms that each room may import from, besides itself. docs/architecture.md draws the same. */
const GROUND = [
  ...['errors', 'reasons', 'json', 'sse', 'pieces', 'config', 'log', 'redactor', 'relay-key', 'system', 'health'],
  ...[
    'version',
    'engine',
    'late',
    'terminal',
    'callers',
    'call-facts',
    'dress',
    'slips',
    'api-key-form',
    'folders',
    'proxy-address',
    'count-words',
  ],
];
const ALLOWED: Record<string, readonly string[]> = {
  reasons: [],
  errors: ['reasons'],
  json: ['engine'],
  pieces: [],
  sse: ['pieces'],
  system: [],
  health: [],
  version: [],
  late: [],
  terminal: ['redactor'],
  engine: ['pieces', 'system'],
  folders: [],
  'proxy-address': [],
  'count-words': [],
  'relay-key': ['folders'],
  callers: ['errors', 'count-words'],
  'call-facts': [],
  dress: [],
  slips: [],
  'api-key-form': [],
  redactor: [],
  config: GROUND,
  log: GROUND,
  http: GROUND,
  gemini: GROUND,
  conversation: [...GROUND, 'gemini'],
  images: GROUND,
  credentials: [...GROUND, 'state'],
  store: GROUND,
  state: GROUND,
  formats: [...GROUND, 'state', 'http', 'gemini', 'conversation', 'images'],
  usage: [...GROUND, 'gemini', 'store'],
  keys: [...GROUND, 'http', 'gemini', 'store', 'state'],
  upstreams: [...GROUND, 'credentials', 'gemini', 'store', 'state'],
  parts: [
    ...GROUND,
    'http',
    'gemini',
    'images',
    'credentials',
    'store',
    'state',
    'formats',
    'upstreams',
    'usage',
    'keys',
    'settings',
    'metrics',
  ],
  metrics: [...GROUND, 'http', 'gemini'],
  settings: [...GROUND, 'store'],
  console: [...GROUND, 'http', 'gemini', 'store', 'state', 'settings', 'usage', 'keys'],
  app: [...GROUND, 'http', 'gemini', 'formats', 'console', 'metrics'],
  diagnosis: [...GROUND, 'gemini', 'credentials', 'upstreams', 'formats'],
  program: [...GROUND, 'http', 'formats', 'parts', 'app', 'console', 'keys', 'usage', 'settings'],
  main: ['program', 'engine'],
  simulator: [],
};

interface Import {
  readonly file: string;
  readonly target: string;
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

const roomOf = (path: string): string => relative(SRC, path).split('/')[0]?.replace(/\.ts$/, '') ?? '';

const imports: Import[] = filesBelow(SRC).flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, specifier = '']) => ({
    file: relative(SRC, file),
    target: relative(SRC, resolve(dirname(file), specifier)),
  })),
);

describe('the house', () => {
  it('has files, so that the following is about something', () => {
    expect(imports.length).toBeGreaterThan(50);
  });

  it.each(Object.keys(ALLOWED))('%s imports only from its own room and from below', (room) => {
    const allowed = new Set([room, ...(ALLOWED[room] ?? [])]);
    const strangers = imports.filter(
      ({ file, target }) => roomOf(join(SRC, file)) === room && !allowed.has(roomOf(join(SRC, target))),
    );
    expect(strangers).toEqual([]);
  });

  it('has no room that this test does not know', () => {
    const rooms = new Set(filesBelow(SRC).map(roomOf));
    expect([...rooms].filter((room) => !(room in ALLOWED))).toEqual([]);
  });

  it.each([
    ['formats', undefined],
    // Its other folders are about all kinds of doors.
    ['upstreams', ['code-assist', 'gemini-api', 'vertex']],
  ])('peers in %s do not know each other', (wing, kinds) => {
    const kindOf = (path: string): string | undefined => {
      const [room, kind = '', ...file] = path.split('/');
      return room === wing && file.length > 0 && (kinds?.includes(kind) ?? true) ? kind : undefined;
    };
    const across = imports.filter(({ file, target }) => {
      const from = kindOf(file);
      const to = kindOf(target);
      return from !== undefined && to !== undefined && from !== to;
    });
    expect(across).toEqual([]);
  });

  it('imports files by their full name', () => {
    expect(imports.filter(({ target }) => !/\.c?[jt]s$/.test(target))).toEqual([]);
  });
});
