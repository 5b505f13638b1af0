import { ApiError } from './api.js';

/** What went wrong, as a sentence. @param {unknown} error @param {import('./language.js').Language} language */
export const sentenceOf = (error, { t }) => {
  if (!(error instanceof ApiError)) return t('trouble.page');
  if (error.code === 'unreachable') return t('trouble.unreachable');
  return error.message === '' ? t('trouble.page') : error.message;
};
