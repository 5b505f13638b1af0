/** What the browser shows at the end of a login: constant pages, but for Google's own error word. */

export interface Page {
  readonly status: number;
  readonly html: string;
}

export const SUCCESS: Page = page(200, 'You are logged in', 'The relay has kept the login. You can close this window.');

export const FAILURE: Page = page(
  502,
  'The login did not work',
  'The terminal in which you started it says why. You can close this window.',
);

export const WRONG_STATE: Page = page(
  400,
  'This is not the answer that the relay waits for',
  'It belongs to another login, or was changed on its way. Use the address that the terminal shows now.',
);

export const NOT_FOUND: Page = page(404, 'Nothing here', 'This address only receives the answer of a login.');

export const WRONG_HOST: Page = page(421, 'Wrong host', 'This address only answers under its own name.');

export const declined = (error: string): Page =>
  page(200, 'The login was declined', `Google says: ${escapeHtml(error.slice(0, 100))}. You can close this window.`);

/** With nothing allowed there is nothing to inject into; the style of the page is the browser's own. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  connection: 'close',
} as const;

function page(status: number, title: string, text: string): Page {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
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
