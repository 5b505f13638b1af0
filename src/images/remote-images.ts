import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import { failed, RelayError } from '../errors.ts';
import type { System } from '../system.ts';
import { isPublicAddress } from './address-guard.ts';
import { documentType, imageType } from './image-type.ts';
import { createNameLookup, type NameLookup } from './name-lookup.ts';
import { originOf, type Reach } from './reach.ts';
import { atMost } from './at-most.ts';

export interface RemoteImage {
  readonly mimeType: string;
  readonly bytes: Buffer;
}

/** What is expected at an address. */
export type RemoteKind = 'image' | 'document';

export interface RemoteAsker {
  readonly signal: AbortSignal;
  /** `Caller.id`: callers take turns. */
  readonly caller: string;
  /** Told of what has come; throws RelayError where there is no room for it. */
  readonly hold: (bytes: number) => void;
}

/** Images, and documents, that a client named by address instead of sending them. */
export interface RemoteImages {
  /** Throws RelayError INVALID_ARGUMENT (`invalid_image_url` or `remote_images_disabled`), and what `hold` throws. */
  fetch(url: string, asker: RemoteAsker, kind?: RemoteKind): Promise<RemoteImage>;
}

export interface RemoteImagesNeeds {
  /** Read with each image: it may change. */
  readonly enabled: boolean;
  readonly system: Pick<System, 'sleep'>;
  readonly reach: Reach;
  readonly resolve?: NameLookup;
}

const TIME_LIMIT_MS = 10_000;
const SIZE_LIMIT_BYTES = 20 * 1024 * 1024;
const MAX_REDIRECTS = 3;
const AT_ONCE = 4;
const MAX_URL_LENGTH = 8192;
/** Tried one after the other where a name has several. */
const MAX_ADDRESSES = 3;

/**
 * The relay stands where its owner's private network is near, so a client's URL leads to the public internet or
 * nowhere: each hop's name is resolved once, all its addresses are checked, and the checked address is connected to.
 */
export const createRemoteImages = (needs: RemoteImagesNeeds): RemoteImages => {
  const { system, reach, resolve = createNameLookup() } = needs;
  const places = atMost(AT_ONCE);

  const follow = async (start: string, asker: RemoteAsker, kind: RemoteKind): Promise<RemoteImage> => {
    let url = readUrl(start);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const next = await visit(url, await checkedAddresses(url, asker.signal), asker, kind);
      if (typeof next !== 'string') return next;
      url = readUrl(next, url);
    }
    throw new Error('too many redirects');
  };

  const checkedAddresses = async ({ hostname }: URL, signal: AbortSignal): Promise<readonly string[]> => {
    const host = hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(host) ? [host] : await resolve(host, signal);
    // One forbidden address among good ones is how rebinding looks.
    if (addresses.length === 0 || !addresses.every(isPublicAddress)) throw new Error('no public address');
    // An IPv4 address works nearly everywhere, an IPv6 one not.
    return addresses.toSorted((one, other) => isIP(one) - isIP(other)).slice(0, MAX_ADDRESSES);
  };

  /** The image, or the place that a redirect names. */
  const visit = async (
    url: URL,
    addresses: readonly string[],
    { signal, hold }: RemoteAsker,
    kind: RemoteKind,
  ): Promise<RemoteImage | string> => {
    let failure: unknown;
    for (const address of addresses) {
      const dispatcher = reach({ address, host: url.hostname });
      try {
        const reply = await ask(dispatcher, address, url, signal, kind).catch((error: unknown) => {
          failure = error;
        });
        signal.throwIfAborted();
        if (reply) return await read(reply, kind, hold);
      } finally {
        await dispatcher.destroy();
      }
    }
    throw failure;
  };

  return {
    fetch: async (url, { signal, caller, hold }, kind = 'image') => {
      if (!needs.enabled) throw disabled();
      const leave = await places.enter(signal, caller);
      const stop = new AbortController();
      const within = AbortSignal.any([signal, stop.signal]);
      system.sleep(TIME_LIMIT_MS, within).then(
        () => {
          stop.abort(new Error('out of time'));
        },
        () => undefined,
      );
      try {
        return await follow(url, { signal: within, caller, hold }, kind);
      } catch (cause) {
        signal.throwIfAborted();
        throw cause instanceof RelayError ? cause : unusable(cause, kind);
      } finally {
        stop.abort();
        leave();
      }
    },
  };
};

/** Only plain `https:` addresses; `base` is the place where a redirect was found. */
const readUrl = (text: string, base?: URL): URL => {
  const url = text.length <= MAX_URL_LENGTH ? URL.parse(text, base) : null;
  if (url?.protocol !== 'https:' || url.port !== '' || url.username !== '' || url.password !== '') {
    throw new Error('not a plain https address');
  }
  // `https://2130706433/`: who writes a number in another form has a reason not to write it plainly.
  const isDisguised = isIP(url.hostname) === 4 && url.hostname !== base?.hostname && !text.includes(url.hostname);
  if (isDisguised) throw new Error('a disguised address');
  return url;
};

const ask = (
  dispatcher: Dispatcher,
  address: string,
  url: URL,
  signal: AbortSignal,
  kind: RemoteKind,
): Promise<Dispatcher.ResponseData> =>
  dispatcher.request({
    origin: originOf(address),
    path: url.pathname + url.search,
    method: 'GET',
    // The name goes with the request, and as the name that the server's certificate must hold.
    headers: {
      host: url.host,
      accept: EXPECTED[kind].accept,
      'accept-encoding': 'identity',
      'user-agent': 'gemini-cli-relay',
    },
    signal,
  });

const EXPECTED = {
  image: { accept: 'image/*', typeOf: imageType, forms: 'PNG, JPEG, WebP, HEIC, HEIF or GIF' },
  document: { accept: 'application/pdf', typeOf: documentType, forms: 'PDF' },
} as const satisfies Record<RemoteKind, object>;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const read = async (
  { statusCode, headers, body }: Dispatcher.ResponseData,
  kind: RemoteKind,
  hold: RemoteAsker['hold'],
): Promise<RemoteImage | string> => {
  // The connection is destroyed behind us: an error of an unread body is no news.
  body.on('error', () => undefined);
  const { location } = headers;
  if (REDIRECTS.has(statusCode) && typeof location === 'string') return location;
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new Error('an encoded body');
  if (Number(headers['content-length'] ?? 0) > SIZE_LIMIT_BYTES) throw new Error('too large');
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > SIZE_LIMIT_BYTES) throw new Error('too large');
    hold(piece.length);
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces, size);
  const mimeType = EXPECTED[kind].typeOf(bytes);
  if (mimeType === undefined) throw new Error(`no ${kind}`);
  return { mimeType, bytes };
};

/** One text for whatever went wrong: a client must not learn from it what stands behind an address. */
const unusable = (cause: unknown, kind: RemoteKind): RelayError =>
  failed(
    'invalid_image_url',
    `The ${kind} at this address could not be used. It must be a ${EXPECTED[kind].forms} of at most 20 MiB, ` +
      'at a public https address that answers within 10 seconds; or send it inline as a data: URL.',
    { cause },
  );

const disabled = (): RelayError =>
  failed(
    'remote_images_disabled',
    'This relay does not fetch images from addresses (FETCH_REMOTE_IMAGES=false); send the image inline as a data: URL.',
  );
