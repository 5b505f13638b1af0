/** One page of a list of the caller's own: filled whatever Google has no more, and sure whether another one follows. */
import { discard } from './kept.ts';
import type { Asker, Keeper, Listed, Passage } from './kept.ts';
import type { Resource } from './resources.ts';

export interface PageAsked {
  /** From the first of the page on, to the end of the list. */
  readonly rest: readonly Resource[];
  readonly size: number;
  readonly passageOf: (name: string) => Passage;
}

export interface KeptPage {
  readonly items: AsyncIterable<Listed>;
  /** How many of the list are left behind the page, once it was read: none where nothing follows. */
  readonly left: () => number;
}

/** A list may hold any number that are gone: for one page no more of them are looked at. */
const MOST_GONE = 500;

export const keptPage = (keeper: Pick<Keeper, 'each'>, asked: PageAsked, asker: Asker): KeptPage => {
  const { rest, size, passageOf } = asked;
  const seen = rest.slice(0, size + MOST_GONE);
  let left = rest.length - seen.length;
  async function* items(): AsyncGenerator<Listed> {
    let count = 0;
    let leftBehind = rest.length;
    try {
      // One more than the page has: clients fail on a page of nothing.
      for await (const listed of keeper.each(seen, passageOf, asker, size + 1)) {
        if (count === size) {
          left = leftBehind;
          await discard(listed.passed);
          return;
        }
        count += 1;
        leftBehind = rest.length - seen.indexOf(listed.resource) - 1;
        yield listed;
      }
    } catch (error) {
      // Of what follows the next page tells.
      if (count < size) throw error;
      left = leftBehind;
    }
  }
  return { items: items(), left: () => left };
};
