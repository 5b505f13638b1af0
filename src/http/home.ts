import { hash } from 'node:crypto';
import type { Context } from 'koa';
import type { Dialect, DialectEndpoint } from './dialect.ts';
import { writeHead } from './head.ts';
import { SERVICE } from './health-routes.ts';

type Family = Pick<Dialect, 'name' | 'title' | 'base' | 'endpoints'>;

const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:12vh auto;padding:0 1.5rem}' +
  'h1{font-weight:600;letter-spacing:-.02em;margin-bottom:0}p{opacity:.75;margin-top:.3rem}' +
  'h2{font-size:1rem;margin:2rem 0 .4rem}ul{list-style:none;margin:0;padding:0}' +
  'code{font:14px/1.9 ui-monospace,monospace}';

/** Who one has reached, and where to go: a page for browsers, JSON for the rest. Both are the same for everybody. */
export const createHome = (
  version: string,
  families: readonly Family[],
  openPaths: readonly string[],
): ((ctx: Context) => void) => {
  const open = openPaths.map((path) => `GET ${path}`);
  const endpoints = { ...Object.fromEntries(families.map((family) => [family.name, linesOf(family)])), open };
  const json = `${JSON.stringify({ name: SERVICE, version, endpoints })}\n`;
  const page = createPage(version, families, open);
  const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; frame-ancestors 'none'`;

  return (ctx) => {
    const isBrowser = (ctx.req.headers.accept ?? '').includes('text/html');
    const text = isBrowser ? page : json;
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

const createPage = (version: string, families: readonly Family[], open: readonly string[]): string => {
  const items = (lines: readonly string[]): string =>
    `<ul>${lines.map((line) => `<li><code>${line}</code></li>`).join('')}</ul>`;
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${SERVICE}</title><style>${STYLE}</style>` +
    `<h1>${SERVICE}</h1><p>Version ${version}. Point your client here; it needs the key of this relay.</p>` +
    families.map((family) => `<h2>${family.title}: ${family.base}</h2>${items(linesOf(family))}`).join('') +
    `<h2>Without a key</h2>${items(open)}</html>\n`
  );
};
