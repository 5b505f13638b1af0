import { useState } from 'preact/hooks';
import { useConsole } from './console.js';
import { useLanguage } from './language.js';
import { useRelayWords } from './relay-words.js';
import { sentenceOf } from './trouble.js';

/**
 * Something that a click does: one at a time, and what goes wrong is said.
 *
 * @template {unknown[]} Given
 * @param {(...given: Given) => Promise<unknown>} act
 */
export const useAction = (act) => {
  const { say } = useConsole();
  const language = useLanguage();
  const inWords = useRelayWords();
  const [isBusy, setBusy] = useState(false);
  /** @param {Given} given */
  const run = async (...given) => {
    if (isBusy) return;
    setBusy(true);
    try {
      await act(...given);
    } catch (error) {
      say(sentenceOf(error, language, inWords), 'bad');
    } finally {
      setBusy(false);
    }
  };
  return { run, isBusy };
};
