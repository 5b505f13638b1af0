import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from './reply.ts';

/** The three ways to the models. */
export type Door = 'code-assist' | 'gemini-api' | 'vertex';

export type Operation =
  | 'authorize'
  | 'token'
  | 'tokeninfo'
  | 'userinfo'
  | 'revoke'
  | 'loadCodeAssist'
  | 'onboardUser'
  | 'pollOperation'
  | 'retrieveUserQuota'
  | 'generateContent'
  | 'streamGenerateContent'
  | 'countTokens'
  | 'embedContent'
  | 'batchEmbedContents'
  | 'predict'
  | 'upload'
  | 'listFiles'
  | 'getFile'
  | 'downloadFile'
  | 'deleteFile'
  | 'createCache'
  | 'listCaches'
  | 'getCache'
  | 'updateCache'
  | 'deleteCache'
  | 'createBatch'
  | 'listBatches'
  | 'getBatch'
  | 'cancelBatch'
  | 'deleteBatch'
  | 'createInteraction'
  | 'getInteraction'
  | 'cancelInteraction'
  | 'deleteInteraction'
  | 'predictLongRunning'
  | 'getOperation'
  | 'bidiGenerateContent'
  | 'listModels'
  | 'getModel';

/** One question, as it arrived. */
export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The body's own text: number spelling, key order and escapes as sent. */
  readonly text: string;
  /** In place of the text, where the route receives it as it comes. */
  readonly body?: AsyncIterable<Buffer>;
}

/** Where an address leads. */
export interface Route {
  readonly operation: Operation;
  readonly door?: Door;
  readonly reply: (ask: Ask) => Reply;
  /** In its place, for bodies that are too large to be held. */
  readonly receive?: (ask: Ask) => Promise<Reply> | Reply;
}

/** Finds the route of an address, if there is one for this method. */
export type Router = (method: string, path: string) => Route | undefined;
