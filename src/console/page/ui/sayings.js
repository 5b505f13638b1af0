import { useCallback, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { Icon } from './icon.js';

const SHOWN_MS = 4000;
const BAD_SHOWN_MS = 9000;

/** @typedef {{ id: number, text: string, kind: 'good' | 'bad' }} Saying */

export const useSayings = () => {
  const [sayings, setSayings] = useState(/** @type {readonly Saying[]} */ ([]));
  const say = useCallback((/** @type {string} */ text, /** @type {'good' | 'bad'} */ kind = 'good') => {
    const saying = { id: performance.now(), text, kind };
    setSayings((before) => [...before.filter((one) => one.text !== text).slice(-2), saying]);
    setTimeout(
      () => {
        setSayings((before) => before.filter((one) => one !== saying));
      },
      kind === 'bad' ? BAD_SHOWN_MS : SHOWN_MS,
    );
  }, []);
  return { sayings, say };
};

/** Short sentences in a corner; a screen reader says them. @param {{ sayings: readonly Saying[] }} props */
export const Sayings = ({ sayings }) =>
  html`<div class="sayings" role="status" aria-live="polite">
    ${sayings.map(
      ({ id, text, kind }) =>
        html`<p key=${id} class=${`saying saying-${kind}`}>
          <${Icon} name=${kind === 'good' ? 'check' : 'warning'} />${text}
        </p>`,
    )}
  </div>`;
