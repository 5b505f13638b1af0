import { html } from '../lib/html.js';

/** Strokes on a field of 16 × 16. */
const PATHS = {
  status: 'M1.5 8.5h3l2-5.5 3.2 10 2-4.5h2.8',
  usage: 'M2.5 13.5v-5M6.2 13.5v-11M9.9 13.5v-7M13.5 13.5v-9',
  requests: 'M2.5 3.5h11M2.5 8h11M2.5 12.5h7',
  keys: 'M9.5 6.5a3 3 0 1 0-2.2 2.9l1.2 1.2h1.5v1.5h1.5v1.4h2v-2.2L9.3 7.3c.130-.25.2-.520.2-.8ZM5.9 5.9h.01',
  doors: 'M3.5 14V2.5h7V14M2 14h12M10.5 4.5h2V14M8 8.3v.01',
  models: 'M8 1.8 13.7 5v6L8 14.2 2.3 11V5L8 1.8ZM2.5 5.1 8 8.2l5.5-3.1M8 8.2v5.9',
  playground: 'M3 2.5h10v8.5H7.5L4.5 13.7V11H3V2.5ZM6 6.7h.01M8 6.7h.01M10 6.7h.01',
  connect: 'M5.5 2v3.5M10.5 2v3.5M3.5 5.5h9v2a4.5 4.5 0 0 1-9 0v-2ZM8 12v2.5',
  settings: 'M2 4.5h6.5M11.5 4.5H14M2 11.5h2.5M7.5 11.5H14M10 3v3M6 10v3',
  copy: 'M5.5 5.5h8v8h-8v-8ZM10.5 5.5v-3h-8v8h3',
  check: 'M3 8.5 6.5 12 13 4.5',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  plus: 'M8 3v10M3 8h10',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.3 10.3 13.5 13.5',
  refresh: 'M13 8a5 5 0 1 1-1.5-3.6M13 2.5v3h-3',
  download: 'M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11',
  right: 'M6 3.5 10.5 8 6 12.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  up: 'M8 13V3.5M4 7.3 8 3.3l4 4',
  send: 'M2.5 8h10M8.5 3.5 13 8l-4.5 4.5',
  stop: 'M4 4h8v8H4z',
  image: 'M2.5 3h11v10h-11V3ZM2.7 11.5 6 8l2.5 2.5 2-2 3 3M10.5 6h.01',
  lock: 'M4 7.5h8v6H4v-6ZM5.8 7.5V5.2a2.2 2.2 0 0 1 4.4 0v2.3',
  warning: 'M8 2.3 14.5 13.5h-13L8 2.3ZM8 6.5v3.2M8 11.7v.01',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.5v3.5M8 5v.01',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  moon: 'M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1Z',
  screen: 'M2 3h12v8H2V3ZM5.5 13.5h5M8 11v2.5',
  language: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM2 8h12M8 2c2 2 2.7 4 2.7 6S10 12 8 14c-2-2-2.7-4-2.7-6S6 4 8 2Z',
  leave: 'M6.5 2.5h-4v11h4M6.5 8h7M10.7 5 13.7 8l-3 3',
  outside: 'M6.5 3.5h-3v9h9v-3M9 2.5h4.5V7M13.3 2.7 7.5 8.5',
  rotate: 'M3 6.5A5.2 5.2 0 0 1 12.7 6M13 2.8V6H9.8M13 9.5A5.2 5.2 0 0 1 3.3 10M3 13.2V10h3.2',
  trash: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.7 7v4M9.3 7v4',
  power: 'M8 2v5.5M4.7 4.2a5 5 0 1 0 6.6 0',
  spark: 'M8 2c.5 3.7 2.3 5.5 6 6-3.7.5-5.5 2.3-6 6-.5-3.7-2.3-5.5-6-6 3.7-.5 5.5-2.3 6-6Z',
  tool: 'M6 2.5C4.3 2.5 4 3.4 4 5s-.4 3-1.7 3C3.6 8 4 9.4 4 11s.3 2.5 2 2.5M10 2.5c1.7 0 2 .9 2 2.5s.4 3 1.7 3C12.4 8 12 9.4 12 11s-.3 2.5-2 2.5',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M4.5 3 12.5 8l-8 5V3Z',
};

/** @typedef {keyof typeof PATHS} IconName */

/** For the eye only; words stand beside it, or in the label of its button. @param {{ name: IconName }} props */
export const Icon = ({ name }) =>
  html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
