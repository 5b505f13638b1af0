import { late } from '../../late.ts';
import { uploadName } from '../../gemini/uploads.ts';
import type { ClientFormat } from '../format.ts';
import { GEMINI_PATHS, LIVE_PATH } from './address.ts';
import { GEMINI } from './endpoints.ts';
import { renderGeminiError } from './errors.ts';

/** The Gemini API itself, as Google's SDKs and everyone who copied it speak it. */
export const geminiFormat: ClientFormat = {
  ...GEMINI,
  owns: (path) => GEMINI_PATHS.some((pattern) => pattern.test(path)),
  // Google's SDKs ask at addresses that OpenAI has as well (`/v1/models`, `/v1/files`), and expect Google's shape.
  speaks: (headers, keyInUrl) => keyInUrl || Object.keys(headers).some((name) => name.startsWith('x-goog-')),
  // As at Google: whoever knows the address goes on with the upload.
  rightAt: (path, { upload_id: id }) =>
    typeof id === 'string' && UPLOAD_ID.test(id) && UPLOADS.test(path) ? uploadName(id) : undefined,
  sockets: (parts) => {
    const sessions = late(async () => (await import('./live/route.ts')).createLiveSessions(parts));
    return [
      {
        claims: (path) => LIVE_PATH.test(path),
        open: async (...asked) => (await sessions())(...asked),
      },
    ];
  },
  mount: async (router, parts) => {
    (await import('./routes.ts')).mountGemini(router, parts);
  },
  renderError: renderGeminiError,
};

const UPLOADS = /^\/upload\/v1(?:beta|alpha)?\/files$/;
/** Google's are long. Nothing else is looked up for who shows no key. */
const UPLOAD_ID = /^[\w=~.-]{32,512}$/;
