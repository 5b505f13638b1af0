import { html } from '../lib/html.js';

/** Drawn once, for the browser's tab and here (src/dress.ts). */
const ICON = new URL('../icon.svg', import.meta.url).href;

/** @param {{ named?: boolean }} props */
export const Mark = ({ named }) =>
  html`<span class="mark">
    <img src=${ICON} width="22" height="22" alt="" />
    ${named && html`<span>gemini-cli-relay</span>`}
  </span>`;
