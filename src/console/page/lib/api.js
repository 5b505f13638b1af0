import { API } from './place.js';
import { ofTab } from './remember.js';
import { readEvents } from './event-stream.js';

/** An answer that is an error, fit to be shown. */
export class ApiError extends Error {
  /** @param {string} message @param {{ status?: number, code?: string, param?: string }} [more] */
  constructor(message, { status = 0, code = '', param } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

const TOKEN = 'relay-session';

/**
 * The console's API, with the session's token. The key itself is sent once, and kept nowhere.
 *
 * @param {{ onEnd: () => void }} needs `onEnd`: the session is over.
 */
export const createApi = ({ onEnd }) => {
  let token = ofTab.get(TOKEN);

  /** @param {string | undefined} value */
  const keep = (value) => {
    token = value;
    ofTab.set(TOKEN, value);
  };

  /** @param {string} path @param {RequestInit & { accept?: string }} [init] */
  const ask = async (path, { accept = 'application/json', headers, ...init } = {}) => {
    const used = token;
    const sent = new Headers(headers);
    sent.set('accept', accept);
    if (used) sent.set('authorization', `Bearer ${used}`);
    const response = await fetch(new URL(path, API), { ...init, headers: sent }).catch(
      (/** @type {unknown} */ error) => {
        if (error instanceof DOMException && error.name === 'AbortError') throw error;
        throw new ApiError('', { code: 'unreachable' });
      },
    );
    if (response.ok) return response;
    const error = await toError(response);
    if (response.status === 401 && used !== undefined && used === token) {
      keep(undefined);
      onEnd();
    }
    throw error;
  };

  /**
   * @param {string} method @param {string} path @param {unknown} [body]
   * @param {string | null} [version] Of what is to be changed: where it is another by now, the answer is a 412.
   * @returns {Promise<any>}
   */
  const send = async (method, path, body, version) => {
    const response = await ask(path, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...(version && { 'if-match': version }) },
      }),
    });
    return response.status === 204 ? undefined : response.json();
  };

  return {
    isOpen: () => token !== undefined,
    /** For the relay's own routes. */
    token: () => token,
    /** @param {string} key */
    open: async (key) => {
      keep((await send('POST', 'session', { key })).token);
    },
    close: async () => {
      const over = send('DELETE', 'session').catch(() => undefined);
      keep(undefined);
      onEnd();
      await over;
    },
    /** The relay does not know the session any more. */
    expire: () => {
      keep(undefined);
      onEnd();
    },
    /** @param {string} path @param {AbortSignal} [signal] @returns {Promise<any>} */
    get: async (path, signal) => (await ask(path, { signal })).json(),
    /** With its version. @param {string} path @returns {Promise<{ value: any, version: string | null }>} */
    look: async (path) => {
      const response = await ask(path);
      return { value: await response.json(), version: response.headers.get('etag') };
    },
    send,
    /** @param {string} path */
    csv: async (path) => (await ask(path, { accept: 'text/csv' })).blob(),
    /**
     * What happens, as it happens; ends when the relay ends it.
     *
     * @param {(happening: import('./answers.d.ts').Happening) => void} onEvent @param {() => void} onOpen @param {AbortSignal} signal
     */
    events: async (onEvent, onOpen, signal) => {
      const response = await ask('events', { accept: 'text/event-stream', signal });
      onOpen();
      for await (const { name, data } of readEvents(response)) {
        if (name === 'request' || name === 'door') onEvent({ name, data: JSON.parse(data) });
      }
    },
  };
};

/** @typedef {ReturnType<typeof createApi>} Api */

/** @param {Response} response */
const toError = async (response) => {
  const { status } = response;
  const body = await response.json().catch(() => undefined);
  const { message = `HTTP ${status}`, code = '', reason, param } = body?.error ?? {};
  return new ApiError(String(message), { status, code: String(reason ?? code), param: param ?? undefined });
};
