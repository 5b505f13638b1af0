import { checkMessagesStream } from './messages-stream-checker.ts';

export interface CheckedMessages {
  readonly fetch: typeof fetch;
  /** Rejects where a stream that went by broke a rule; resolves to how many there were. */
  readonly count: () => Promise<number>;
}

/** `fetch` for an SDK under test: the SDK reads as always, and every stream of messages is read strictly beside it. */
export const createCheckedMessages = (): CheckedMessages => {
  const checks: Promise<unknown>[] = [];
  return {
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const isStream = (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
      if (isStream) checks.push(response.clone().text().then(checkMessagesStream));
      return response;
    },
    count: async () => (await Promise.all(checks)).length,
  };
};
