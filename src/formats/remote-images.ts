import { RelayError, withParam } from '../errors.ts';
import type { RemoteImageData } from '../conversation/media-part.ts';
import { refusal } from '../errors/refusal.ts';
import type { FetchedBytes } from '../http/fetched-bytes.ts';
import type { RemoteImage, RemoteImages, RemoteKind } from '../images/remote-images.ts';

/** An image that a client only linked to, and the part that does. */
export interface RemoteImageUrl {
  readonly url: string;
  readonly param: string;
  /** An image where nothing is said. */
  readonly kind?: RemoteKind;
}

const MOST_REMOTE_IMAGES = 16;

export const notTooMany = (images: readonly RemoteImageUrl[]): readonly RemoteImageUrl[] => {
  const surplus = images[MOST_REMOTE_IMAGES];
  if (!surplus) return images;
  const message = `At most ${MOST_REMOTE_IMAGES} image addresses are fetched for one request.`;
  throw refusal('invalid_value', surplus.param, message);
};

export interface ImagesNeeds {
  readonly images: RemoteImages;
  readonly signal: AbortSignal;
  readonly caller: string;
  readonly bytes: FetchedBytes;
}

/** Fetches what a client named by address. The first failure ends the others; it names the part that wanted the image. */
export const fetchImages = async (
  wanted: readonly RemoteImageUrl[],
  { images, signal, caller, bytes }: ImagesNeeds,
): Promise<RemoteImageData> => {
  if (wanted.length === 0) return new Map();
  const stop = new AbortController();
  const asker = {
    signal: AbortSignal.any([signal, stop.signal]),
    caller,
    hold: (more: number) => {
      bytes.hold(more);
    },
  };
  const fetchOne = async ({ url, param, kind }: RemoteImageUrl): Promise<[string, RemoteImage]> => {
    try {
      return [url, await images.fetch(url, asker, kind)];
    } catch (error) {
      stop.abort(error);
      throw error instanceof RelayError && error.param === undefined ? withParam(error, param) : error;
    }
  };
  const fetched = await Promise.all(wanted.map(fetchOne));
  // Bytes lie outside of the engine's heap, and their base64 in it.
  await bytes.ready();
  return new Map(fetched.map(([url, { mimeType, bytes: raw }]) => [url, { mimeType, data: raw.toString('base64') }]));
};
