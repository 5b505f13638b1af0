import { useEffect, useMemo, useState } from 'preact/hooks';
import { useLanguage } from './language.js';

/** @typedef {Readonly<Record<string, string>>} RelayWords */

/** English is what the relay speaks. @type {Partial<Record<import('./language.js').LanguageCode, RelayWords>>} */
const known = { en: {} };

const loadChinese = async () => (await import('../words/relay.zh.js')).default;

/**
 * By the sentence; `{}` in one stands for a name or a number of its own. The first that fits counts.
 *
 * @param {RelayWords} words @returns {(text: string) => string}
 */
export const inWordsOf = (words) => {
  const forms = Object.entries(words)
    .filter(([text]) => text.includes('{}'))
    .map(([text, theirs]) => ({ form: formOf(text), pieces: theirs.split('{}') }));
  return (text) => {
    if (words[text] !== undefined) return words[text];
    for (const { form, pieces } of forms) {
      const found = form.exec(text);
      if (found) return pieces.map((piece, index) => piece + (found[index + 1] ?? '')).join('');
    }
    return text;
  };
};

/** @param {string} text */
const formOf = (text) =>
  new RegExp(
    `^${text
      .split('{}')
      .map((piece) => piece.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))
      .join('(.+)')}$`,
  );

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
  return useMemo(() => words && inWordsOf(words), [words]);
};
