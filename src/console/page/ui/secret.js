import { useEffect } from 'preact/hooks';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { Button } from './button.js';
import { Copy } from './copy.js';
import { Dialog } from './dialog.js';
import { Notice } from './notices.js';

/** A new secret, this once: the relay itself keeps only its digest. @param {{ made: import('../lib/answers.d.ts').MadeKey, onClose: () => void }} props */
export const Secret = ({ made, onClose }) => {
  const { t } = useLanguage();
  useEffect(() => {
    // A reload or a closed tab would take it away: the browser asks first.
    addEventListener('beforeunload', stay);
    return () => {
      removeEventListener('beforeunload', stay);
    };
  }, []);
  return html`<${Dialog}
    title=${t('secret.title', { name: made.name })}
    onClose=${onClose}
    stays
    actions=${html`<${Button} kind="main" onClick=${onClose}>${t('secret.kept')}<//>`}
  >
    <${Notice} tone="warn">${t('secret.once')}<//>
    <div class="secret">
      <output class="mono" aria-label=${t('secret.key')}>${made.key}</output>
      <${Copy} text=${made.key} kind="plain">${t('copy')}<//>
    </div>
    <p class="quiet">${t('secret.text')}</p>
  <//>`;
};

/** @param {Event} event */
const stay = (event) => {
  event.preventDefault();
};
