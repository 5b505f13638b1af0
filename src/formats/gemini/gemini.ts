import type { ClientFormat } from '../format.ts';
import { GEMINI_PATHS } from './address.ts';
import { renderGeminiError } from './errors.ts';
import { ADDRESSES, mountGemini } from './routes.ts';

/** The Gemini API itself, as Google's SDKs and everyone who copied it speak it. */
export const geminiFormat: ClientFormat = {
  name: 'gemini',
  claims: (path) => GEMINI_PATHS.some((pattern) => pattern.test(path)),
  addresses: ADDRESSES,
  mount: mountGemini,
  renderError: renderGeminiError,
};
