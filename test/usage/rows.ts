/** Requests of a make-believe household, for tests and for looking at what the command shows. */
import fc from 'fast-check';
import { readUsage } from '../../src/gemini/usage.ts';
import type { EndedRequest } from '../../src/usage/request-row.ts';

export const ended = (over: Partial<EndedRequest> = {}): EndedRequest => ({
  id: 'req_1',
  time: Date.UTC(2026, 10, 28, 12),
  key: 'API_KEY',
  door: 'code-assist',
  format: 'openai',
  route: '/v1/chat/completions',
  model: 'gemini-2.5-flash',
  servedModel: 'gemini-2.5-flash',
  stream: true,
  status: 200,
  reason: undefined,
  ms: 1234.5,
  firstMs: 321.1,
  used: [
    readUsage({
      promptTokenCount: 1000,
      candidatesTokenCount: 200,
      thoughtsTokenCount: 100,
      cachedContentTokenCount: 400,
    }),
  ],
  retries: 0,
  client: 'OpenAI/JS 7.55.0',
  ...over,
});

const count = fc.nat(1_000_000);

/** Any request that may come, within the three days around the end of a month and a year. */
export const anyEnded: fc.Arbitrary<EndedRequest> = fc
  .record({
    time: fc.integer({ min: Date.UTC(2026, 11, 30), max: Date.UTC(2027, 0, 2) }),
    key: fc.constantFrom('GEMINI_AUTH_PASSWORD', 'API_KEY', 'grandma'),
    door: fc.constantFrom('code-assist', 'vertex', undefined),
    format: fc.constantFrom('openai', 'gemini', undefined),
    model: fc.oneof(
      fc.constantFrom('gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-9-ultra', undefined),
      fc.string({ maxLength: 300 }),
    ),
    status: fc.constantFrom(200, 400, 429, 499, 502),
    reason: fc.constantFrom(undefined, 'client_closed', 'rate_limit_exceeded'),
    used: fc.array(
      fc.option(
        fc.record({
          promptTokenCount: count,
          candidatesTokenCount: count,
          thoughtsTokenCount: count,
          cachedContentTokenCount: count,
        }),
        { nil: undefined },
      ),
      { maxLength: 3 },
    ),
  })
  .map(({ used, model, ...rest }) =>
    ended({ ...rest, model, servedModel: model, used: used.map((usage) => usage && readUsage(usage)) }),
  );
