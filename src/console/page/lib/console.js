import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/**
 * What every screen may use.
 *
 * @typedef {object} Console
 * @property {import('./api.js').Api} api
 * @property {import('./live.js').Live} live What happens, as it happens.
 * @property {(text: string, kind?: 'good' | 'bad') => void} say Says a short sentence, also to a screen reader.
 * @property {(made: import('./answers.d.ts').MadeKey) => void} showSecret Until it is closed, whatever becomes of screen and session.
 */

export const ConsoleContext = createContext(/** @type {Console} */ (/** @type {unknown} */ (undefined)));

export const useConsole = () => useContext(ConsoleContext);
