import { useId } from 'preact/hooks';
import { html } from '../lib/html.js';

/**
 * A field with its label. What it says and what is wrong with it are read out with it.
 *
 * @param {{ label: string, hint?: any, error?: string, unseenLabel?: boolean, multiline?: boolean, options?: readonly (readonly [string, string])[],
 *   suggestions?: readonly string[], onText?: (text: string) => void, [attribute: string]: any }} props
 */
export const Field = ({ label, hint, error, unseenLabel, multiline, options, suggestions, onText, ...rest }) => {
  const id = useId();
  const told = error ?? hint;
  const attributes = {
    id,
    'aria-describedby': told ? `${id}-told` : undefined,
    'aria-invalid': error ? 'true' : undefined,
    onInput: (/** @type {any} */ event) => onText?.(event.currentTarget.value),
    list: suggestions && `${id}-list`,
    ...rest,
  };
  return html`<div class="field">
    <label for=${id} class=${unseenLabel ? 'unseen' : undefined}>${label}</label>
    ${
      options
        ? html`<select ...${attributes}>
            ${options.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
          </select>`
        : multiline
          ? html`<textarea ...${attributes} />`
          : html`<input type="text" autocomplete="off" spellcheck=${false} ...${attributes} />`
    }
    ${
      suggestions &&
      html`<datalist id=${`${id}-list`}>
        ${suggestions.map((one) => html`<option key=${one} value=${one} />`)}
      </datalist>`
    }
    ${told && html`<p id=${`${id}-told`} class=${error ? 'field-error' : 'field-hint'}>${told}</p>`}
  </div>`;
};

/** @param {{ label: string, checked: boolean, onChange: (checked: boolean) => void, disabled?: boolean, hint?: string }} props */
export const Check = ({ label, checked, onChange, disabled, hint }) =>
  html`<label class="check" title=${hint}>
    <input
      type="checkbox"
      checked=${checked}
      disabled=${disabled}
      onChange=${(/** @type {any} */ event) => {
        onChange(event.currentTarget.checked);
      }}
    />
    <span>${label}</span>
  </label>`;

/**
 * One of a few, all in sight.
 *
 * @param {{ label: string, value: string, options: readonly (readonly [string, any])[], onChange: (value: any) => void }} props
 */
export const Choice = ({ label, value, options, onChange }) => {
  const name = useId();
  return html`<fieldset class="choice">
    <legend class="unseen">${label}</legend>
    ${options.map(
      ([one, text]) =>
        html`<label key=${one} class="choice-one">
          <input
            type="radio"
            name=${name}
            value=${one}
            checked=${one === value}
            onChange=${() => {
              onChange(one);
            }}
          />
          <span>${text}</span>
        </label>`,
    )}
  </fieldset>`;
};
