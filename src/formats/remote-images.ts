import { RelayError, withParam } from '../errors.ts';
import type { RemoteAsker, RemoteImage, RemoteImages, RemoteKind } from '../images/remote-images.ts';

/** An image that a client only linked to, and the part that does. */
export interface RemoteImageUrl {
  readonly url: string;
  readonly param: string;
  /** An image where nothing is said. */
  readonly kind?: RemoteKind;
}

/** Fetches what a client named by address. The first failure ends the others; it names the part that wanted the image. */
export const fetchImages = async (
  wanted: readonly RemoteImageUrl[],
  images: RemoteImages,
  { signal, caller }: RemoteAsker,
): Promise<ReadonlyMap<string, RemoteImage>> => {
  if (wanted.length === 0) return new Map();
  const stop = new AbortController();
  const asker = { signal: AbortSignal.any([signal, stop.signal]), caller };
  const fetchOne = async ({ url, param, kind }: RemoteImageUrl): Promise<[string, RemoteImage]> => {
    try {
      return [url, await images.fetch(url, asker, kind)];
    } catch (error) {
      stop.abort(error);
      throw error instanceof RelayError && error.param === undefined ? withParam(error, param) : error;
    }
  };
  return new Map(await Promise.all(wanted.map(fetchOne)));
};
