/** The Live API of the Gemini API: a key lets in. */
import { writeJson } from '../../json.ts';
import type { System } from '../../system.ts';
import type { KeyDoors } from '../doors/key-doors.ts';
import { baseAddress } from '../gemini-api/base-address.ts';
import { keyTrouble } from '../gemini-api/key-trouble.ts';
import { replyToError } from '../google-error.ts';
import type { Transport } from '../transport.ts';
import { closeToError } from './closes.ts';
import { liveKind } from './kinds.ts';
import type { LiveKind } from './kinds.ts';
import { openLine } from './socket.ts';

export interface GeminiApiLiveNeeds {
  readonly endpoint: string;
  readonly transport: Pick<Transport, 'upgrade'>;
  readonly system: Pick<System, 'now'>;
}

export const geminiApiLive = (doors: () => KeyDoors, { endpoint, transport, system }: GeminiApiLiveNeeds): LiveKind => {
  const base = baseAddress(endpoint);
  return liveKind('gemini-api', doors, (key) => ({
    open: async (version, signal) => {
      const line = await openLine(transport, {
        url: `${base}/ws/google.ai.generativelanguage.${version}.GenerativeService.BidiGenerateContent`,
        headers: { 'x-goog-api-key': key.apiKey },
        signal,
      });
      if (!('status' in line)) return line;
      const error = await replyToError(line, system.now());
      throw keyTrouble(error, line.status, key) ?? error;
    },
    wordsOf: ({ fields, model }) => writeJson({ setup: { ...fields, model: `models/${model}` } }),
    meaningOf: (close) => {
      const error = closeToError(close, () => system.now());
      return keyTrouble(error, REFUSED, key) ?? error;
    },
  }));
};

/** Of a line that is closed, Google tells no status. */
const REFUSED = 400;
