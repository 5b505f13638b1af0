import { ApiError } from './api.js';

/**
 * What is wrong with a field of a key. The relay speaks English; in another language the page says what the field takes.
 *
 * @param {ApiError} error @param {import('./language.js').Language} language
 * @param {(text: string) => string} [inWords] What the relay says itself, in the language of the page.
 */
export const fieldSentenceOf = (error, { t, code }, inWords = (text) => text) => {
  const word = error.code === 'invalid_value' && code !== 'en' ? FIELDS[error.param ?? ''] : undefined;
  return word === undefined ? inWords(error.message) : t(word);
};

const COUNT = /** @type {const} */ ('key.wrong.count');
/** @type {Partial<Record<string, import('./language.js').Word>>} */
const FIELDS = {
  ...{ rpm: COUNT, tpm: COUNT, concurrent: COUNT, requests_per_day: COUNT, tokens_per_day: COUNT },
  ...{ requests_per_month: COUNT, tokens_per_month: COUNT },
  cost_per_month: 'key.wrong.cost',
  expires: 'key.wrong.expires',
  models: 'key.wrong.models',
  doors: 'key.wrong.doors',
};

/**
 * What went wrong, as a sentence.
 *
 * @param {unknown} error @param {import('./language.js').Language} language
 * @param {(text: string) => string} [inWords] What the relay says itself, in the language of the page.
 */
export const sentenceOf = (error, { t }, inWords = (text) => text) => {
  if (!(error instanceof ApiError)) return t('trouble.page');
  if (error.code === 'unreachable') return t('trouble.unreachable');
  return error.message === '' ? t('trouble.page') : inWords(error.message);
};
