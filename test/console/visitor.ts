/** Who asks the console: over a real socket, as the page does. */
import type { TestRelay } from '../support/relay.ts';

export interface ConsoleVisitor {
  readonly token: string;
  ask(method: string, path: string, body?: unknown): Promise<Response>;
  /** The JSON of an answer that went well. */
  get(path: string): Promise<Record<string, unknown>>;
}

export const openSession = async (relay: TestRelay, key = relay.key): Promise<ConsoleVisitor> => {
  const opened = await fetch(`${relay.url}/console/api/session`, {
    method: 'POST',
    body: JSON.stringify({ key }),
    headers: { 'content-type': 'application/json' },
  });
  const { token } = (await opened.json()) as { token: string };
  return visitorOf(relay, token);
};

export const visitorOf = (relay: TestRelay, token: string): ConsoleVisitor => {
  const ask: ConsoleVisitor['ask'] = (method, path, body) =>
    fetch(`${relay.url}/console/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    token,
    ask,
    get: async (path) => {
      const response = await ask('GET', path);
      const json = (await response.json()) as Record<string, unknown>;
      if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${JSON.stringify(json)}`);
      return json;
    },
  };
};

export const errorOf = async (
  response: Response,
): Promise<{
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
}> => {
  const { error } = (await response.json()) as { error: { code: string; message: string; param: string | null } };
  return { status: response.status, ...error };
};

export interface Watched {
  text(): string;
  rows(event: string): Record<string, unknown>[];
  leave(): void;
  /** Resolves when the relay has ended it. */
  readonly ended: Promise<void>;
}

/** `GET events`, read as it comes. */
export const watchEvents = (relay: TestRelay, { token }: ConsoleVisitor): Watched => {
  const leaving = new AbortController();
  let text = '';
  const read = async (): Promise<void> => {
    const response = await fetch(`${relay.url}/console/api/events`, {
      headers: { authorization: `Bearer ${token}` },
      signal: leaving.signal,
    });
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes as Uint8Array, { stream: true });
  };
  return {
    text: () => text,
    rows: (event) =>
      [...text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)]
        .filter(([, name]) => name === event)
        .map(([, , json = '']) => JSON.parse(json) as Record<string, unknown>),
    leave: () => {
      leaving.abort();
    },
    ended: read().catch(() => undefined),
  };
};
