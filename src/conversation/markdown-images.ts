import type { Part } from '../gemini/types.ts';
import { refusal } from '../errors/refusal.ts';
import { readDataUrl } from './data-url.ts';

/** No model takes more, and each costs time however small it is: megabytes of the smallest would hold up everybody. */
const MOST_IMAGES = 10_000;
/** Nor has any text so many places at which one might begin: megabytes of them are looked at in one stretch. */
const MOST_BEGINNINGS = 500_000;

/** What the texts of one request may still hold. */
export interface ImageAllowance {
  images: number;
  beginnings: number;
}

export const newAllowance = (): ImageAllowance => ({ images: MOST_IMAGES, beginnings: MOST_BEGINNINGS });

/**
 * Images that the relay wrote into an answer as markdown come back in the history as text: megabytes of base64 that a
 * model would read letter by letter. They become images again.
 */
export const imagesInMarkdown = (text: string, param: string, left: ImageAllowance): readonly Part[] => {
  if (!text.includes(LINK)) return text === '' ? [] : [{ text }];
  const parts: Part[] = [];
  let end = 0;
  const refuse = (what: string): never => {
    throw refusal('invalid_value', param, `'${param}': more than ${what} in all.`);
  };
  const begin = (): void => {
    left.beginnings -= 1;
    if (left.beginnings < 0) refuse(`${MOST_BEGINNINGS} beginnings of pictures`);
  };
  for (const { start, address, after } of findImages(text, begin)) {
    const image = readDataUrl(address);
    if (!image?.mimeType) continue;
    left.images -= 1;
    if (left.images < 0) refuse(`${MOST_IMAGES} pictures`);
    const before = text.slice(end, start);
    if (before.trim() !== '') parts.push({ text: before });
    parts.push({ inlineData: { mimeType: image.mimeType, data: image.data } });
    end = after;
  }
  const rest = text.slice(end);
  if (rest.trim() !== '' || parts.length === 0) parts.push({ text: rest });
  return parts;
};

/** The middle of `![alt](data:image/…)`. */
const LINK = '](data:image/';
const ADDRESS_FROM = '](';

interface Link {
  readonly start: number;
  readonly address: string;
  readonly after: number;
}

/** By index, and no letter twice: one pattern for all looks through the rest of the text from each opening bracket. */
function* findImages(text: string, begin: () => void): Generator<Link> {
  /** Behind the last bracket that closes, where the words of this link begin at the earliest. */
  let from = 0;
  /** Where the first address that begins here or earlier ends. */
  let stop = 0;
  for (let middle = text.indexOf(LINK); middle !== -1; middle = text.indexOf(LINK, middle + 1)) {
    begin();
    // What lies within the link before belongs to it.
    if (middle < from) continue;
    const words = text.slice(Math.max(from, text.lastIndexOf(']', middle - 1) + 1), middle);
    const opening = words.indexOf('![');
    from = middle + 1;
    if (opening === -1) continue;
    const addressEnd = middle + LINK.length;
    if (stop <= addressEnd) stop = addressStop(text, addressEnd);
    if (stop === addressEnd || text.charAt(stop) !== ')') continue;
    from = stop + 1;
    yield {
      start: middle - words.length + opening,
      address: text.slice(middle + ADDRESS_FROM.length, stop),
      after: from,
    };
  }
}

/** The first closing bracket or white space, or the text's end. */
const addressStop = (text: string, from: number): number => {
  const stop = /[)\s]/g;
  stop.lastIndex = from;
  return stop.exec(text)?.index ?? text.length;
};
