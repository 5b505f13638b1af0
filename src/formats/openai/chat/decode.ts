import type { Call, Origin } from '../../../gemini/call.ts';
import type { FunctionNames } from '../../../gemini/function-names.ts';
import type { Catalogue, ResolvedModel } from '../../../gemini/models.ts';
import type { SignatureCache } from '../../../gemini/signatures.ts';
import type { ChatRequest } from './request.ts';

export interface ChatNeeds {
  readonly catalogue: Catalogue;
  readonly signatures: SignatureCache;
  /** Whose Google account answers: signatures of another are worth nothing to it. */
  readonly account: string;
  /** Remote images by URL, fetched before (`remoteImageUrls`). */
  readonly images: ReadonlyMap<string, { readonly mimeType: string; readonly data: string }>;
  readonly origin: Origin;
}

/** What the encoder needs to answer in the client's own terms. */
export interface ChatReading {
  readonly resolved: ResolvedModel;
  readonly names: FunctionNames;
  /** Client names of tools declared as `custom`: their calls go out as custom calls, `input` taken out of the args. */
  readonly customTools: ReadonlySet<string>;
  /** Client names of tools whose schema is no object: their calls carry `{value}`, and the client gets the value. */
  readonly wrappedTools: ReadonlySet<string>;
  readonly legacyFunctions: boolean;
  readonly singleCall: boolean;
  readonly includeUsage: boolean;
  readonly stripFence: boolean;
  readonly imagesAs: 'images' | 'markdown';
  readonly showThoughts: boolean;
  readonly logprobs: boolean;
  readonly ignored: readonly string[];
}

export interface DecodedChat {
  readonly call: Call;
  readonly reading: ChatReading;
}

export const decodeChat = (request: ChatRequest, needs: ChatNeeds): DecodedChat => {
  throw new Error(`not yet ${request.model} ${needs.account}`);
};
