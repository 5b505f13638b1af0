import { checkChatStream } from './chat-stream-checker.ts';

export interface CheckedFetch {
  readonly fetch: typeof fetch;
  /** Rejects where a stream that went by broke a rule; resolves to how many there were. */
  readonly checked: () => Promise<number>;
}

/** `fetch` for an SDK under test: the SDK reads as always, and every chat stream is read strictly beside it. */
export const createCheckedFetch = (): CheckedFetch => {
  const checks: Promise<unknown>[] = [];
  return {
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const type = response.headers.get('content-type') ?? '';
      if (type.startsWith('text/event-stream')) checks.push(check(response.clone(), init?.body));
      return response;
    },
    checked: async () => {
      await Promise.all(checks);
      return checks.length;
    },
  };
};

const check = async (response: Response, body: unknown): Promise<void> => {
  // Whoever hangs up in the middle has no stream to check.
  const text = await response.text().catch(() => undefined);
  if (text === undefined) return;
  const asked = (typeof body === 'string' ? JSON.parse(body) : {}) as {
    n?: number;
    stream_options?: { include_usage?: boolean };
  };
  checkChatStream(text, {
    n: asked.n ?? 1,
    includeUsage: asked.stream_options?.include_usage === true,
    fails: !text.includes('data: [DONE]'),
  });
};
