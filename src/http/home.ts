import { hash } from 'node:crypto';
import type { Context } from 'koa';
import { writeHead } from './head.ts';
import { SERVICE } from './health-routes.ts';

const ENDPOINTS = {
  openai: [
    'GET /v1/models',
    'POST /v1/chat/completions',
    'POST /v1/completions',
    'POST /v1/embeddings',
    'POST /v1/images/generations',
  ],
  gemini: [
    'GET /v1beta/models',
    'POST /v1beta/models/{model}:generateContent',
    'POST /v1beta/models/{model}:streamGenerateContent?alt=sse',
    'POST /v1beta/models/{model}:countTokens',
    'POST /v1beta/models/{model}:embedContent',
  ],
  open: ['GET /livez', 'GET /health'],
} as const;

const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:12vh auto;padding:0 1.5rem}' +
  'h1{font-weight:600;letter-spacing:-.02em;margin-bottom:0}p{opacity:.75;margin-top:.3rem}' +
  'h2{font-size:1rem;margin:2rem 0 .4rem}ul{list-style:none;margin:0;padding:0}' +
  'code{font:14px/1.9 ui-monospace,monospace}';

/** Who one has reached, and where to go: a page for browsers, JSON for the rest. Both are the same for everybody. */
export const createHome = (version: string): ((ctx: Context) => void) => {
  const json = `${JSON.stringify({ name: SERVICE, version, endpoints: ENDPOINTS })}\n`;
  const page = createPage(version);
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

const createPage = (version: string): string => {
  const items = (lines: readonly string[]): string =>
    `<ul>${lines.map((line) => `<li><code>${line}</code></li>`).join('')}</ul>`;
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${SERVICE}</title><style>${STYLE}</style>` +
    `<h1>${SERVICE}</h1><p>Version ${version}. Point your client here; it needs the key of this relay.</p>` +
    `<h2>OpenAI clients: base URL ends in /v1</h2>${items(ENDPOINTS.openai)}` +
    `<h2>Gemini clients: base URL without a path</h2>${items(ENDPOINTS.gemini)}` +
    `<h2>Without a key</h2>${items(ENDPOINTS.open)}</html>\n`
  );
};
