import type Router from '@koa/router';
import type { Context } from 'koa';
import { failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import { addressesOf } from '../../http/dialect.ts';
import { OPENAI } from './endpoints.ts';
import { under, UNSERVED } from './paths.ts';

/** What OpenAI offers beside chat. 404 rather than 501: its SDKs repeat every status from 500 on. */
export const mountUnsupported = (router: Router): void => {
  router.all(PATHS, (ctx: Context) => {
    const name = PATHS.exec(ctx.path)?.[1]?.toLowerCase() ?? '';
    ctx.state.notes.route = `/v1/${name}`;
    throw unavailable(`/v1/${name}`, INSTEAD[name]);
  });
  // Nothing is kept, so there is no answer to look up again.
  router.all(under('/chat/completions/{*rest}'), () => {
    throw unavailable('Stored chat completions');
  });
};

/** One pattern: as 240 routes they took 10 ms of each start, and 7 µs of each request. */
const PATHS = new RegExp(`^(?:${under('').join('|')})/(${UNSERVED.join('|')})(?:/.*)?$`, 'i');

/** What the relay has for the same purpose. */
const INSTEAD: Readonly<Record<string, string>> = {
  batches: 'Batches are made in the form of the Gemini API: POST /v1beta/models/{model}:batchGenerateContent.',
  'images/variations': 'Pictures are changed at POST /v1/images/edits.',
  realtime:
    'Conversations by voice are the Live API of Gemini, a WebSocket at /ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent.',
  uploads: 'Files of any size are kept in one request: POST /v1/files.',
  videos: 'Videos are made in the form of the Gemini API: POST /v1beta/models/{model}:predictLongRunning.',
};

const unavailable = (feature: string, instead?: string): RelayError =>
  failed(
    'unsupported_endpoint',
    [`${feature} is not available through this relay.`, instead, addressesOf(OPENAI)].filter(Boolean).join(' '),
    { retryable: false },
  );
