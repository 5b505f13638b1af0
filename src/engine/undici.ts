/**
 * undici by its parts. Its root loads 109 files and with them Node's HTTP/2 (57 ms of a start), of which a request to
 * Google needs 22, without HTTP/2 (13 ms). The version is pinned; a test holds that the parts are where they are looked
 * for.
 */
import Module, { createRequire } from 'node:module';
import type * as Undici from 'undici';

const load = createRequire(import.meta.url);

/** Stands in the place of a part until it is called. */
const loadWhenCalled = (part: string): void => {
  const path = load.resolve(part);
  const standIn = new Module(path);
  const loadAndCall = (...args: readonly unknown[]): unknown => {
    Reflect.deleteProperty(load.cache, path);
    return (load(path) as (...args: readonly unknown[]) => unknown)(...args);
  };
  standIn.exports = loadAndCall;
  load.cache[path] = standIn;
};

// Each client asks for it, though the relay speaks HTTP/1.1 (`upstreams/transport.ts`), and it asks for Node's HTTP/2.
loadWhenCalled('undici/lib/dispatcher/client-h2.js');

export const Agent = load('undici/lib/dispatcher/agent.js') as typeof Undici.Agent;
export const Pool = load('undici/lib/dispatcher/pool.js') as typeof Undici.Pool;
export const buildConnector = load('undici/lib/core/connect.js') as typeof Undici.buildConnector;
export const errors = load('undici/lib/core/errors.js') as typeof Undici.errors;

/** All of it: for proxies, images and the token endpoint. */
export const wholeUndici = (): typeof Undici => load('undici') as typeof Undici;
