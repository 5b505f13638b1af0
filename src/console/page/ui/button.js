import { html } from '../lib/html.js';
import { Icon } from './icon.js';

/**
 * @param {{
 *   icon?: import('./icon.js').IconName, kind?: 'main' | 'plain' | 'quiet' | 'danger', type?: 'button' | 'submit',
 *   isBusy?: boolean, disabled?: boolean, onClick?: (event: Event) => void, title?: string, children?: any,
 *   pressed?: boolean, label?: string, form?: string,
 * }} props `label`: for a button that shows an icon only.
 */
export const Button = ({
  icon,
  kind = 'plain',
  type = 'button',
  isBusy,
  disabled,
  pressed,
  label,
  children,
  ...rest
}) =>
  html`<button
    type=${type}
    class=${`button button-${kind}${children === undefined ? ' button-icon' : ''}`}
    disabled=${disabled}
    aria-busy=${isBusy ? 'true' : undefined}
    aria-pressed=${pressed === undefined ? undefined : String(pressed)}
    aria-label=${label}
    title=${label}
    ...${rest}
  >
    ${icon && html`<${Icon} name=${icon} />`}${children !== undefined && html`<span>${children}</span>`}
  </button>`;
