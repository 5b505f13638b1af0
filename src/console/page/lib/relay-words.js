import { useEffect, useMemo, useState } from 'preact/hooks';
import { useLanguage } from './language.js';

/** @typedef {Readonly<Record<string, string>>} RelayWords */

/** English is what the relay speaks. @type {Partial<Record<import('./language.js').LanguageCode, RelayWords>>} */
const known = { en: {} };

const loadChinese = async () => (await import('../words/relay.zh.js')).default;

/**
 * What the relay says itself, in the language of the page; what there are no words for stays as it is. Undefined until the
 * words are here.
 *
 * @returns {((text: string) => string) | undefined}
 */
export const useRelayWords = () => {
  const { code } = useLanguage();
  const [words, setWords] = useState(known[code]);
  useEffect(() => {
    if (known[code]) {
      setWords(known[code]);
      return;
    }
    loadChinese().then(
      (loaded) => {
        known.zh = loaded;
        setWords(loaded);
      },
      () => {
        setWords({});
      },
    );
  }, [code]);
  return useMemo(() => words && ((text) => words[text] ?? text), [words]);
};
