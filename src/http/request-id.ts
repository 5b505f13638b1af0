import type { System } from '../system.ts';

/** Sane enough to stand in a header and a log line. */
const SANE = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's own id where it is sane, else a new one. */
export const requestIdOf = (header: string | string[] | undefined, system: System): string =>
  typeof header === 'string' && SANE.test(header) ? header : system.newId('req_');
