import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Of the oldest request on a connection that is not answered yet: Node writes answers in the order of what was asked. */
export const openAnswer = (socket: Duplex): ServerResponse | undefined =>
  (socket as { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
