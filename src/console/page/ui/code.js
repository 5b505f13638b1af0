import { html } from '../lib/html.js';
import { Copy } from './copy.js';

/** Text to copy. @param {{ text: string, label: string, note?: any, copied?: string }} props `copied`: what is copied, where it is more than what is shown. */
export const Code = ({ text, label, note, copied = text }) =>
  html`<figure class="code">
    <figcaption>
      <span>${note ?? label}</span>
      <${Copy} text=${copied} />
    </figcaption>
    <pre tabindex="0" aria-label=${label}><code>${text}</code></pre>
  </figure>`;
