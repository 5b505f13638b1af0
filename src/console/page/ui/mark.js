import { html } from '../lib/html.js';

/** @param {{ named?: boolean }} props */
export const Mark = ({ named }) =>
  html`<span class="mark">
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path
        d="M16 5.5c.9 6.4 4.1 9.6 10.5 10.5C20.1 16.9 16.9 20.1 16 26.5 15.1 20.1 11.9 16.9 5.5 16 11.9 15.1 15.1 11.9 16 5.5Z"
      />
    </svg>
    ${named && html`<span>gemini-cli-relay</span>`}
  </span>`;
