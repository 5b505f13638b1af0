import type { Context } from 'koa';
import { STYLE, STYLE_SOURCE } from '../dress.ts';
import type { Dialect, DialectEndpoint } from './dialect.ts';
import { writeHead } from './head.ts';
import { inFull } from '../errors.ts';
import type { Status } from '../health.ts';
import { SERVICE } from './health-routes.ts';

type Family = Pick<Dialect, 'name' | 'title' | 'base' | 'endpoints'>;

/** Who one has reached, and where to go: a page for browsers, JSON for the rest. Both are the same for everybody. */
export const createHome = (
  version: string,
  families: readonly Family[],
  openPaths: readonly string[],
  live: HomeNeeds,
): ((ctx: Context) => void) => {
  const open = openPaths.map((path) => `GET ${path}`);
  const endpoints = { ...Object.fromEntries(families.map((family) => [family.name, linesOf(family)])), open };
  const json = `${JSON.stringify({ name: SERVICE, version, endpoints })}\n`;
  // It may stand in a frame: where a relay runs in a hosted space, this is what the space shows.
  const policy = `default-src 'none'; style-src ${STYLE_SOURCE}; base-uri 'none'; form-action 'none'`;

  return (ctx) => {
    const isBrowser = (ctx.req.headers.accept ?? '').includes('text/html');
    const text = isBrowser ? pageOf(ctx, { version, families, open, live }) : json;
    writeHead(ctx, 200, {
      'content-type': isBrowser ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      vary: 'Accept',
      ...(isBrowser && { 'content-security-policy': policy }),
    });
    ctx.res.end(text);
  };
};

const linesOf = ({ endpoints }: Family): readonly string[] => endpoints.map(lineOf);

const lineOf = ({ method, path, query }: DialectEndpoint): string =>
  `${method} ${path}${query === undefined ? '' : `?${query}`}`;

/** What changes while the relay serves, and is told to everybody: names no account, path or project. */
export interface HomeNeeds {
  readonly status: () => Status;
  readonly addressOf: (ctx: Context) => string;
  readonly hasConsole: boolean;
}

interface HomePage {
  readonly version: string;
  readonly families: readonly Family[];
  readonly open: readonly string[];
  readonly live: HomeNeeds;
}

const pageOf = (ctx: Context, { version, families, open, live }: HomePage): string => {
  const items = (lines: readonly string[]): string =>
    `<ul>${lines.map((line) => `<li><code>${line}</code></li>`).join('')}</ul>`;
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${SERVICE}</title><style>${STYLE}</style>` +
    `<h1>${SERVICE}</h1><p>Version ${version}. Point your client here; it needs the key of this relay.</p>` +
    nowOf(ctx, live) +
    `<h2>Endpoints</h2>` +
    families.map((family) => folded(`${family.title}: ${family.base}`, items(linesOf(family)))).join('') +
    `${folded('Without a key', items(open))}</html>\n`
  );
};

const folded = (title: string, rest: string): string => `<details><summary>${title}</summary>${rest}</details>`;

/** State, address, and the way to the console: relative, so that it leads there behind a prefix as well. */
const nowOf = (ctx: Context, { status, addressOf, hasConsole }: HomeNeeds): string => {
  const now = status();
  const state =
    now.status === 'healthy' ? 'Ready.' : `${now.status.replaceAll('_', ' ')}: ${inFull(now.message, now.fix)}`;
  return (
    `<section><div><h2>State</h2>${escaped(state)}</div>` +
    `<div><h2>Address</h2><code>${escaped(addressOf(ctx))}</code></div>` +
    `${hasConsole ? '<a class="button" href="console">Open the console</a>' : ''}</section>`
  );
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
