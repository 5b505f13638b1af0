import { html } from '../lib/html.js';

/** @typedef {'good' | 'warn' | 'bad' | 'off' | 'info'} Tone */

/** A dot and a word: never the colour alone. @param {{ tone: Tone, children?: any, title?: string }} props */
export const State = ({ tone, children, title }) =>
  html`<span class=${`state state-${tone}`} title=${title}><span class="dot" />${children}</span>`;

/** A small word in a frame. @param {{ tone?: Tone, children?: any, title?: string }} props */
export const Tag = ({ tone = 'off', children, title }) =>
  html`<span class=${`tag tag-${tone}`} title=${title}>${children}</span>`;
