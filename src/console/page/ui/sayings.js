import { createContext } from 'preact';
import { useCallback, useContext, useMemo, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { Icon } from './icon.js';

const SHOWN_MS = 4000;
const BAD_SHOWN_MS = 9000;

/** @typedef {{ id: number, text: string, kind: 'good' | 'bad' }} Saying */

/**
 * @typedef {object} Said
 * @property {readonly Saying[]} sayings
 * @property {string | undefined} uppermost The dialog that lies above all others.
 * @property {(dialog: string) => () => void} cover A dialog lies above the page, until what is returned is called.
 */

export const SayingsContext = createContext(/** @type {Said} */ (/** @type {unknown} */ (undefined)));

export const useSayings = () => {
  const [sayings, setSayings] = useState(/** @type {readonly Saying[]} */ ([]));
  const [dialogs, setDialogs] = useState(/** @type {readonly string[]} */ ([]));
  const cover = useCallback((/** @type {string} */ dialog) => {
    setDialogs((before) => [...before, dialog]);
    return () => {
      setDialogs((before) => before.filter((one) => one !== dialog));
    };
  }, []);
  const uppermost = dialogs.at(-1);
  const said = useMemo(() => ({ sayings, uppermost, cover }), [sayings, uppermost, cover]);
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
  return { said, say };
};

/**
 * Short sentences in a corner; a screen reader says them. While a dialog is open all else is covered and out of reach, so
 * each dialog has a place for them of its own.
 *
 * @param {{ dialog?: string }} props
 */
export const Sayings = ({ dialog }) => {
  const { sayings, uppermost } = useContext(SayingsContext);
  return html`<div class="sayings" role="status" aria-live="polite">
    ${
      dialog === uppermost &&
      sayings.map(
        ({ id, text, kind }) =>
          html`<p key=${id} class=${`saying saying-${kind}`}>
            <${Icon} name=${kind === 'good' ? 'check' : 'warning'} />${text}
          </p>`,
      )
    }
  </div>`;
};
