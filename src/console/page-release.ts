/** What a browser is sent: files under a name that changes with any of them, ready in each encoding. */
import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
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
  readonly gzip: Buffer;
  readonly br: Buffer;
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
const IMPORT = /\b(from\s*|import\s*\(?\s*)(["'])([^"'\n]+)\2/g;

export const createRelease = async (files: readonly PageFile[]): Promise<Release> => {
  const linked = new Map(
    files.map(({ path, text }) => [path, path.endsWith('.js') ? withAddresses(text, path) : text]),
  );
  const name = hash('sha256', JSON.stringify([...linked]), 'base64url').slice(0, NAME_LENGTH);
  const index = linked.get(INDEX) ?? '';
  linked.delete(INDEX);
  const preloads = needsOf(ENTRY, linked).map((path) => `<link rel="modulepreload" href="console/${name}/${path}">`);
  const page = index.replaceAll('{release}', name).replace('{preloads}', preloads.join('\n    '));
  const assets = await Promise.all([...linked].map(async ([path, text]) => [path, await toAsset(path, text)] as const));
  return { name, page: await toAsset(INDEX, page), assets: new Map(assets) };
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

const toGzip = promisify(gzip);
const toBrotli = promisify(brotliCompress);

const toAsset = async (path: string, text: string): Promise<Asset> => {
  const plain = Buffer.from(text);
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
  return {
    type: TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    plain,
    gzip: await toGzip(plain, { level: 9 }),
    br: await toBrotli(plain, { params }),
  };
};
