import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { ofBrowser } from './remember.js';

/** @typedef {typeof import('../words/en.js').default} Words */
/** @typedef {keyof Words} Word */
/** @typedef {'en' | 'zh'} LanguageCode */
/** @typedef {Readonly<Record<string, string | number>>} Filling */

const LOADS = {
  en: () => import('../words/en.js'),
  zh: () => import('../words/zh.js'),
};

/** In its own words, so that who needs it finds it. */
export const LANGUAGES = /** @type {const} */ ({ en: 'English', zh: '中文' });

const CHOICE = 'relay-language';
const TAGS = { en: 'en', zh: 'zh-CN' };

/** @returns {LanguageCode} */
export const preferredLanguage = () => {
  const chosen = ofBrowser.get(CHOICE);
  if (chosen === 'en' || chosen === 'zh') return chosen;
  const first = navigator.languages.find((tag) => /^(?:en|zh)\b/i.test(tag));
  return first && /^zh/i.test(first) ? 'zh' : 'en';
};

/** @param {LanguageCode} code */
export const loadLanguage = async (code) => createLanguage(code, (await LOADS[code]()).default);

/** @param {LanguageCode} code */
export const keepLanguage = (code) => {
  ofBrowser.set(CHOICE, code);
};

/** @param {LanguageCode} code @param {Words} words */
const createLanguage = (code, words) => {
  const tag = TAGS[code];
  const plural = new Intl.PluralRules(tag);
  /** @type {ReadonlyMap<string, string>} */
  const table = new Map(Object.entries(words));
  return {
    code,
    tag,
    /** @param {Word} word @param {Filling} [filling] */
    t: (word, filling) => fill(words[word], filling, tag),
    /** With a count: `{count} key|{count} keys`. @param {Word} word @param {number} count @param {Filling} [filling] */
    n: (word, count, filling) => {
      const [one = '', many = one] = words[word].split('|');
      return fill(plural.select(count) === 'one' ? one : many, { count, ...filling }, tag);
    },
    /** For names that come from the relay: what it has no words for, stays as it is. @param {string} group @param {string} name */
    named: (group, name) => table.get(`${group}.${name}`),
  };
};

/** @param {string} text @param {Filling | undefined} filling @param {string} tag */
const fill = (text, filling, tag) =>
  filling === undefined
    ? text
    : text.replaceAll(/\{(\w+)\}/g, (whole, name) => {
        const value = filling[name];
        return typeof value === 'number' ? value.toLocaleString(tag) : (value ?? whole);
      });

/** @typedef {ReturnType<typeof createLanguage>} Language */

export const LanguageContext = createContext(/** @type {Language} */ (/** @type {unknown} */ (undefined)));

export const useLanguage = () => useContext(LanguageContext);
