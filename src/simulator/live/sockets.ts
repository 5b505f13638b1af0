/** WebSockets of the Gemini API, as Google opens and refuses them. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Account } from '../account.ts';
import { newProject } from '../api-keys.ts';
import type { ApiKeys } from '../api-keys.ts';
import { GoogleError } from '../google-error.ts';
import type { Recording } from '../recording.ts';
import type { Tokens } from '../tokens.ts';
import { closeFor } from './closes.ts';
import { cloudEntry, keyEntry } from './entries.ts';
import { LiveSession } from './session.ts';
import type { Entry, LiveNeeds } from './session.ts';

/** What is done with a session instead. */
export type LiveFault =
  /** The handshake is refused. */
  | { readonly status: number; readonly body: object }
  /** Closed as soon as it is open. */
  | { readonly code: number; readonly reason: string }
  /** Nothing is said, and nothing read. */
  | 'silent';

export interface LiveControl {
  /** Those that were ever opened. */
  readonly sessions: readonly LiveSession[];
  /** Each for one of the next handshakes. */
  next(...faults: readonly LiveFault[]): void;
}

const KEYS_PATH =
  /^(?:\/.+)?\/ws\/google\.ai\.generativelanguage\.v1(?:beta|alpha)?\.GenerativeService\.BidiGenerateContent$/;
const CLOUD_PATH = /^(?:\/.+)?\/ws\/google\.cloud\.aiplatform\.v1beta1\.LlmBidiService\/BidiGenerateContent$/;

export interface LiveSockets extends LiveControl {
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  clear(): void;
}

export const createLiveSockets = (
  needs: Omit<LiveNeeds, 'handles'> & {
    readonly account: Account;
    readonly apiKeys: ApiKeys;
    readonly tokens: Tokens;
    readonly recording: Recording;
  },
): LiveSockets => {
  const sessions: LiveSession[] = [];
  const faults: LiveFault[] = [];
  const cloudProject = newProject(needs.account.project);
  const handles: LiveNeeds['handles'] = new Map();
  const server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024, perMessageDeflate: false });

  return {
    sessions,
    next: (...more) => {
      faults.push(...more);
    },
    upgrade: (request, socket, head) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator');
      const { headers } = request;
      const isOfCloud = CLOUD_PATH.test(pathname);
      const recorded = needs.recording.add({
        ...{ method: 'GET', path: pathname, query: searchParams, headers },
        ...{ operation: 'bidiGenerateContent', door: isOfCloud ? 'vertex' : 'gemini-api' },
      });
      const fault = faults.shift();
      const refuse = (status: number, body: object): void => {
        const text = JSON.stringify(body);
        recorded.status = status;
        socket.end(
          `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`,
        );
      };
      if (!isOfCloud && !KEYS_PATH.test(pathname)) {
        refuse(404, { error: { code: 404, message: 'Not Found', status: 'NOT_FOUND' } });
        return;
      }
      if (typeof fault === 'object' && 'status' in fault) {
        refuse(fault.status, fault.body);
        return;
      }
      let entry: Entry | GoogleError;
      try {
        entry = isOfCloud ? cloudEntry(headers, { ...needs, cloudProject }) : keyEntry(headers, needs);
      } catch (error) {
        if (!(error instanceof GoogleError)) throw error;
        entry = error;
      }
      // Only a token is looked at before the line is open.
      if (entry instanceof GoogleError && isOfCloud) {
        refuse(entry.settings.code, entry.body);
        return;
      }
      server.handleUpgrade(request, socket, head, (ws) => {
        recorded.status = 101;
        ws.on('close', () => (recorded.ended = true));
        if (fault === 'silent') return;
        if (fault) ws.close(fault.code, fault.reason);
        else if (entry instanceof GoogleError) {
          const { code, reason } = closeFor(entry);
          ws.close(code, reason);
        } else sessions.push(new LiveSession(ws, entry, { ...needs, handles }));
      });
    },
    clear: () => {
      faults.length = 0;
      sessions.length = 0;
      handles.clear();
    },
  };
};
