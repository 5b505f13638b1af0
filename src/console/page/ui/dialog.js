import { useContext, useEffect, useId, useRef } from 'preact/hooks';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { Button } from './button.js';
import { Sayings, SayingsContext } from './sayings.js';

/**
 * The browser's own dialog: it keeps the focus, closes with Escape, and gives the focus back.
 *
 * @param {{ title: any, onClose: () => void, children?: any, actions?: any, side?: boolean, stays?: boolean }} props
 *   `side`: along the edge of the page. `stays`: a click beside it does not close it.
 */
export const Dialog = ({ title, onClose, children, actions, side, stays }) => {
  const { t } = useLanguage();
  const id = useId();
  const { cover } = useContext(SayingsContext);
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    if (!dialog?.open) dialog?.showModal();
    const uncover = cover(id);
    return () => {
      uncover();
      dialog?.close();
      // Where the page is another by now, its own beginning.
      const next = before?.isConnected ? before : document.querySelector('[autofocus]');
      if (next instanceof HTMLElement) next.focus();
    };
  }, []);
  return html`<dialog
    ref=${ref}
    class=${side ? 'dialog dialog-side' : 'dialog'}
    aria-labelledby=${id}
    onCancel=${(/** @type {Event} */ event) => {
      event.preventDefault();
      onClose();
    }}
    onMouseDown=${(/** @type {MouseEvent} */ event) => {
      if (!stays && event.target === ref.current) onClose();
    }}
  >
    <div class="dialog-box">
      <header class="dialog-head">
        <h2 id=${id}>${title}</h2>
        <${Button} kind="quiet" icon="close" label=${t('close')} onClick=${onClose} />
      </header>
      <div class="dialog-body">${children}</div>
      <div class="dialog-sayings"><${Sayings} dialog=${id} /></div>
      ${actions && html`<footer class="dialog-foot">${actions}</footer>`}
    </div>
  </dialog>`;
};

/** Asks once more. @param {{ title: string, text: any, action: string, onYes: () => void, onClose: () => void, isBusy?: boolean }} props */
export const Confirm = ({ title, text, action, onYes, onClose, isBusy }) => {
  const { t } = useLanguage();
  return html`<${Dialog}
    title=${title}
    onClose=${onClose}
    actions=${html`<${Button} onClick=${onClose}>${t('cancel')}<//>
      <${Button} kind="danger" isBusy=${isBusy} onClick=${onYes}>${action}<//>`}
  >
    <p>${text}</p>
  <//>`;
};
