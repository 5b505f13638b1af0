/** How pages look that need no other file: the first one, and those at the end of a login. */
import { hash } from 'node:crypto';

export const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:12vh auto;padding:0 1.5rem}' +
  'h1{font-weight:600;letter-spacing:-.02em;margin-bottom:0}p{opacity:.75;margin-top:.3rem}' +
  'h2{font-size:1rem;margin:2rem 0 .4rem}ul{list-style:none;margin:0;padding:0}' +
  'code{font:14px/1.9 ui-monospace,monospace}a{color:#3b5bdb}@media(prefers-color-scheme:dark){a{color:#91a7ff}}';

/** Allows exactly this, and nothing else. */
export const STYLE_SOURCE = `'sha256-${hash('sha256', STYLE, 'base64')}'`;
