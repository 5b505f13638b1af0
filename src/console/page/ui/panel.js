import { useId } from 'preact/hooks';
import { html } from '../lib/html.js';

/** @param {{ title?: any, note?: any, actions?: any, children?: any, flush?: boolean }} props `flush`: its content goes to the edge. */
export const Panel = ({ title, note, actions, children, flush }) => {
  const id = useId();
  return html`<section class=${`panel${flush ? ' panel-flush' : ''}`} aria-labelledby=${title ? id : undefined}>
    ${
      title &&
      html`<header class="panel-head">
        <div>
          <h2 id=${id}>${title}</h2>
          ${note && html`<p class="quiet">${note}</p>`}
        </div>
        ${actions && html`<div class="actions">${actions}</div>`}
      </header>`
    }
    <div class="panel-body">${children}</div>
  </section>`;
};

/** The head of a screen. @param {{ title: string, note?: any, actions?: any }} props */
export const ScreenHead = ({ title, note, actions }) =>
  html`<header class="screen-head">
    <div>
      <h1 tabindex="-1">${title}</h1>
      ${note && html`<p class="quiet">${note}</p>`}
    </div>
    ${actions && html`<div class="actions">${actions}</div>`}
  </header>`;
