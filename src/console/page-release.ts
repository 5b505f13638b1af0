/** What a browser is sent: files under a name that changes with any of them, packed once when first asked for. */
import { hash } from 'node:crypto';
import { pack } from './packing.ts';
import type { Encoding } from './packing.ts';
import { PACKAGES } from './page-files.ts';
import type { PageFile } from './page-files.ts';

export interface Release {
  /** Changes with any file: part of each address but the page's own. */
  readonly name: string;
  readonly page: Asset;
  /** By their path below the release. */
  readonly assets: ReadonlyMap<string, Asset>;
}

export interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly packed: (encoding: Encoding) => Promise<Buffer>;
}

const INDEX = 'index.html';
const ENTRY = 'app.js';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** `from 'x'`, `import 'x'` and `import('x')`, as the page's files and the packages write them. */
const IMPORT = /\b(from\s{0,9}|import\s{0,9}\(?\s{0,9})(["'])([^"'\n]+)\2/g;

export const createRelease = (files: readonly PageFile[]): Release => {
  const linked = new Map(
    files.map(({ path, text }) => [path, path.endsWith('.js') ? withAddresses(text, path) : text]),
  );
  const name = hash('sha256', JSON.stringify([...linked]), 'base64url').slice(0, NAME_LENGTH);
  const index = linked.get(INDEX) ?? '';
  linked.delete(INDEX);
  const preloads = needsOf(ENTRY, linked).map((path) => `<link rel="modulepreload" href="console/${name}/${path}">`);
  const page = index.replaceAll('{release}', name).replace('{preloads}', preloads.join('\n    '));
  const assets = new Map([...linked].map(([path, text]) => [path, toAsset(path, text)]));
  return { name, page: toAsset(INDEX, page), assets };
};

const NAME_LENGTH = 12;

/** A browser finds packages by their address only; an import map would be a script in the page. */
const withAddresses = (text: string, path: string): string =>
  text.replaceAll(IMPORT, (whole, before: string, quote: string, specifier: string) => {
    const known = Object.entries(PACKAGES).find(([name]) => name === specifier)?.[1];
    const up = '../'.repeat(path.split('/').length - 1) || './';
    return known ? `${before}${quote}${up}${known.path}${quote}` : whole;
  });

/** The modules that a module cannot start without, so that a browser need not find them out one after another. */
const needsOf = (entry: string, files: ReadonlyMap<string, string>): readonly string[] => {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const [, before = '', , specifier = ''] of files.get(path)?.matchAll(IMPORT) ?? []) {
      if (before.startsWith('from')) visit(new URL(specifier, `file:///${path}`).pathname.slice(1));
    }
  };
  visit(entry);
  return [...found];
};

const toAsset = (path: string, text: string): Asset => {
  const plain = Buffer.from(text);
  const packed = new Map<Encoding, Promise<Buffer>>();
  return {
    type: TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    plain,
    packed: (encoding) => {
      const found = packed.get(encoding) ?? pack(encoding, plain);
      packed.set(encoding, found);
      return found;
    },
  };
};
