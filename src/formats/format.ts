import type Router from '@koa/router';
import type { RelayError } from '../errors.ts';
import type { Upstream } from '../gemini/call.ts';
import type { normalizeSchema } from '../gemini/json-schema.ts';
import type { Catalogue } from '../gemini/models.ts';
import type { SignatureCache } from '../gemini/signatures.ts';
import type { System } from '../system.ts';
import type { RemoteImages } from '../images/remote-images.ts';

/** What a format is given: the models behind it, and the few settings that clients can see. */
export interface FormatParts {
  readonly upstream: Upstream;
  readonly catalogue: Catalogue;
  /** Of the schemas that clients declare. */
  readonly normalizeSchema: typeof normalizeSchema;
  readonly signatures: SignatureCache;
  /** Who signs at this moment: which way leads to Google, with whose login. */
  readonly account: () => string;
  readonly images: RemoteImages;
  readonly system: System;
  readonly heartbeatMs: number;
}

/** An error in the words of one family of clients. */
export interface RenderedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A language spoken to clients. */
export interface ClientFormat {
  readonly name: string;
  /** Whether a path belongs to this family, known or not: it decides the envelope of 401, 404 and 405. */
  claims(path: string): boolean;
  /** One sentence for an unknown path of the family: which addresses there are. */
  readonly addresses: string;
  mount(router: Router, parts: FormatParts): void;
  renderError(error: RelayError): RenderedError;
}
