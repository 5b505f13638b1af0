/**
 * undici by its parts. Its root loads 109 files and with them Node's HTTP/2 (57 ms of a start), of which a request to
 * Google needs 23 (26 ms). The version is pinned; a test holds that the parts are where they are looked for.
 */
import { createRequire } from 'node:module';
import type * as Undici from 'undici';

const load = createRequire(import.meta.url);

export const Agent = load('undici/lib/dispatcher/agent.js') as typeof Undici.Agent;
export const Pool = load('undici/lib/dispatcher/pool.js') as typeof Undici.Pool;
export const errors = load('undici/lib/core/errors.js') as typeof Undici.errors;

/** All of it: for proxies, images and the token endpoint. */
export const wholeUndici = (): typeof Undici => load('undici') as typeof Undici;
