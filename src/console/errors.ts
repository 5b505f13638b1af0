/** Errors as the page and scripts read them: one form for all. */
import type { RelayError } from '../errors.ts';
import type { Dialect } from '../http/dialect.ts';
import { CONSOLE, isOfConsole } from './addresses.ts';

export const renderConsoleError = (error: RelayError): ReturnType<Dialect['renderError']> => ({
  status: error.status,
  headers: {
    ...error.headers,
    ...(error.retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) }),
  },
  body: JSON.stringify({
    error: { code: error.reason ?? error.code.toLowerCase(), message: error.message, param: error.param ?? null },
  }),
});

/** What the porch needs to know of it, besides the families of clients. */
export const consoleDialect: Dialect = {
  name: 'console',
  title: 'The console',
  base: CONSOLE,
  endpoints: [],
  owns: isOfConsole,
  speaks: () => false,
  renderError: renderConsoleError,
};
