import { withoutSlash } from '../model-path.ts';

/** Of the Gemini API, without its version: people configure it with one. It may carry a path of its own: a gateway. */
export const baseAddress = (endpoint: string): string => withoutSlash(endpoint).replace(/\/v1(?:beta)?$/, '');
