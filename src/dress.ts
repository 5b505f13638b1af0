/** How pages look that need no other file: the first one, and those at the end of a login. */
import { hash } from 'node:crypto';

/** The colours are those of the console (`console/page/styles/tokens.css`); the mark is a letter, for no picture may be fetched. */
export const STYLE =
  ':root{color-scheme:light dark;--ground:light-dark(#f6f7f9,#0e1013);--surface:light-dark(#fff,#15181c);' +
  '--line:light-dark(#e3e6eb,#262b32);--text:light-dark(#15181d,#e9ecf0);--quiet:light-dark(#5a616c,#99a1ad);' +
  '--accent:light-dark(#2f56d3,#8fabff);--button:light-dark(#2f56d3,#3d63dd)}' +
  'body{font:15px/1.6 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:12vh 1.25rem 4rem;' +
  'background:var(--ground);color:var(--text)}' +
  'h1{font-size:1.4rem;font-weight:600;letter-spacing:-.02em;margin:0}' +
  'h1::before{content:"\\2726";content:"\\2726"/"";display:grid;place-items:center;width:2.4rem;height:2.4rem;margin-bottom:1rem;' +
  'border-radius:.6rem;background:var(--button);color:#fff;font-size:1.3rem}' +
  'p{margin:.3rem 0 0;color:var(--quiet);overflow-wrap:anywhere}' +
  'section,details{padding:.9rem 1.1rem;border:1px solid var(--line);background:var(--surface)}' +
  'section{display:grid;gap:.9rem;margin:1.6rem 0;border-radius:.7rem}' +
  'details{border-top-width:0}h2+details{border-top-width:1px;border-radius:.7rem .7rem 0 0}' +
  'details:last-of-type{border-radius:0 0 .7rem .7rem}summary{cursor:pointer;font-weight:500}' +
  'h2{font-size:.8rem;font-weight:500;color:var(--quiet);margin:0}body>h2{margin:1.8rem 0 .5rem}' +
  'ul{list-style:none;margin:.5rem 0 0;padding:0}code{font:13px/1.8 ui-monospace,monospace;overflow-wrap:anywhere}' +
  'a{color:var(--accent)}a.button{justify-self:start;padding:.45rem .9rem;border-radius:.4rem;' +
  'background:var(--button);color:#fff;font-weight:500;text-decoration:none}' +
  ':focus-visible{outline:2px solid var(--accent);outline-offset:2px}';

/** Allows exactly this, and nothing else. */
export const STYLE_SOURCE = `'sha256-${hash('sha256', STYLE, 'base64')}'`;

/** The sign of the relay, as SVG. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3b5bdb"/><path d="M16 5.5c.9 6.4 4.1 9.6 10.5 10.5C20.1 16.9 16.9 20.1 16 26.5 15.1 20.1 11.9 16.9 5.5 16 11.9 15.1 15.1 11.9 16 5.5Z" fill="#fff"/></svg>';
