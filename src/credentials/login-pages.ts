/** What the browser shows at the end of a login: constant pages, but for Google's own error word. */
import { STYLE, STYLE_SOURCE } from '../dress.ts';

export interface Page {
  readonly status: number;
  readonly html: string;
}

export const SUCCESS: Page = page(200, 'You are logged in', 'The relay has kept the login. You can close this window.');

export const FAILURE: Page = page(
  502,
  'The login did not work',
  'Where you started it, it is said why. You can close this window.',
);

export const WRONG_STATE: Page = page(
  400,
  'This is not the answer that the relay waits for',
  'It belongs to another login, or was changed on its way. Use the address that is shown where you started it.',
);

export const NOT_FOUND: Page = page(404, 'Nothing here', 'This address only receives the answer of a login.');

export const WRONG_HOST: Page = page(421, 'Wrong host', 'This address only answers under its own name.');

export const declined = (error: string): Page =>
  page(200, 'The login was declined', `Google says: ${escapeHtml(error.slice(0, 100))}. You can close this window.`);

/** With nothing allowed but its own style there is nothing to inject into. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src ${STYLE_SOURCE}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  connection: 'close',
} as const;

function page(status: number, title: string, text: string): Page {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style>
<h1>${title}</h1>
<p>${text}</p>
</html>
`;
  return { status, html };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
