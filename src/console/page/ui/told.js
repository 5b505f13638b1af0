import { html } from '../lib/html.js';

/** A sentence of the relay's, in which commands and names stand in backticks. @param {{ text: string }} props */
export const Told = ({ text }) =>
  html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code key=${index}>${part}</code>` : part))}`;
