import type { IncomingHttpHeaders } from 'node:http';
import type Router from '@koa/router';
import type { Context } from 'koa';
import type { RelayError } from '../errors.ts';
import type { Call, Upstream } from '../gemini/call.ts';
import type { normalizeSchema } from '../gemini/json-schema.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import type { Keeper } from '../gemini/kept.ts';
import type { Live } from '../gemini/live.ts';
import type { SocketRoute } from '../http/sockets/upgrades.ts';
import type { SignatureCache } from '../gemini/signatures.ts';
import type { SharedSignatures } from '../gemini/shared-signatures.ts';
import type { RedisState } from '../state/redis.ts';
import type { System } from '../system.ts';
import type { RemoteImages } from '../images/remote-images.ts';
import type { Family } from './family.ts';

export interface Shared {
  readonly state: RedisState;
  readonly signatures: Pick<SharedSignatures, 'look'>;
  /** Asks for room for a call beside what else is asked, where that has to be waited for. `kept`: keys of what it goes on from. */
  readonly reserve: (call: Pick<Call, 'model' | 'origin' | 'record'>, tokens: number, kept?: readonly string[]) => void;
}

/** What a format is given: the models behind it, and the few settings that clients can see. */
export interface FormatParts {
  readonly upstream: Upstream;
  /** Of files and all else that Google keeps for clients. */
  readonly keeper: Keeper;
  readonly live: Live;
  /** False: Google is asked to keep no interaction. */
  readonly storesInteractions: boolean;
  readonly catalogue: Catalogue;
  /** Of the schemas that clients declare. */
  readonly normalizeSchema: typeof normalizeSchema;
  readonly signatures: SignatureCache;
  /** What other relays know, where there are others. */
  readonly shared?: Shared | undefined;
  readonly images: RemoteImages;
  readonly system: System;
  readonly heartbeatMs: number;
  /** How long answers are kept for clients that come back to them; 0: not at all. */
  readonly keepResponsesMs: number;
}

/** An error in the words of one family of clients. */
export interface RenderedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A language spoken to clients. Each request is answered by one of them, to its last error. */
export interface ClientFormat extends Family {
  /** Whether a path is this family's alone, known or not. */
  owns(path: string): boolean;
  /** Whether who asks at an address that is nobody's alone (`/v1/models`) speaks this language. */
  speaks(headers: IncomingHttpHeaders, keyInUrl: boolean): boolean;
  /** Name of what an address of its own is the right to: whoever was given the address needs no key. */
  rightAt?(path: string, query: Context['query']): string | undefined;
  /** Where a POST may come as a message of a WebSocket as well. */
  frames?(path: string): boolean;
  /** WebSockets on which no requests come. */
  sockets?(parts: FormatParts): readonly SocketRoute[];
  /**
   * On a router that only requests of this family reach. What answers there is imported by it: with the first of them, or
   * once the relay serves, so that no start waits for it.
   */
  mount(router: Router, parts: FormatParts): void | Promise<void>;
  renderError(error: RelayError, requestId: string): RenderedError;
}
