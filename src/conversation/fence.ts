/**
 * Takes one surrounding ``` fence off a text that comes in pieces: models asked for JSON in words like to wrap it.
 * What may belong to the fence is held back until it is clear; without a fence at the start nothing is touched.
 */
import { isSpace } from '../json/scalars.ts';

export interface FenceStripper {
  push(text: string): string;
  end(): string;
  keptBytes(): number;
}

const FENCE = '```';
/** Of a text, besides its letters. */
const PIECE_BYTES = 32;
/** An opening line longer than this is no fence. */
const LONGEST_OPENING = 64;
/** Nor is one behind more white space than this. */
const LONGEST_INDENT = 256;
const OPENING = /^```[\w+-]*(?=[^\w+-])\s*/;

export const createFenceStripper = (): FenceStripper => {
  let state: 'start' | 'inside' | 'plain' = 'start';
  let held = '';
  /** Behind `held`: a runaway answer brings megabytes of it, which are not looked through again for each piece. */
  let spaces: string[] = [];
  let spaceBytes = 0;

  const pushInside = (text: string): string => {
    if (skipSpaceBack(text, text.length) === 0) {
      spaces.push(text);
      spaceBytes += PIECE_BYTES + text.length;
      return '';
    }
    const all = [held, ...spaces, text].join('');
    spaces = [];
    spaceBytes = 0;
    const cut = closingStart(all);
    held = all.slice(cut);
    return all.slice(0, cut);
  };

  return {
    push: (text) => {
      if (state === 'plain') return text;
      if (state === 'inside') return pushInside(text);
      held += text;
      const start = held.trimStart();
      const isIndented = held.length - start.length > LONGEST_INDENT;
      if (!isIndented && (start.length < FENCE.length ? FENCE.startsWith(start) : start.startsWith(FENCE))) {
        const opening = OPENING.exec(start)?.[0];
        // White space may go on, and only what follows tells where the content begins.
        const undecided = opening === undefined || opening.length === start.length;
        if (undecided && start.length <= LONGEST_OPENING) return '';
        if (opening !== undefined) {
          state = 'inside';
          held = '';
          return pushInside(start.slice(opening.length));
        }
      }
      state = 'plain';
      const all = held;
      held = '';
      return all;
    },
    end: () => {
      const rest = state === 'inside' && held.includes(FENCE) ? '' : [held, ...spaces].join('');
      held = '';
      spaces = [];
      spaceBytes = 0;
      return rest;
    },
    keptBytes: () => held.length + spaceBytes,
  };
};

/** Where the end of a text could be a closing fence that is still growing: white space, up to three backticks, white space. */
const closingStart = (text: string): number => {
  let at = skipSpaceBack(text, text.length);
  const ticksEnd = at;
  while (at > 0 && ticksEnd - at < FENCE.length && text.charAt(at - 1) === '`') at -= 1;
  return skipSpaceBack(text, at);
};

const skipSpaceBack = (text: string, from: number): number => {
  let at = from;
  while (at > 0 && isSpace(text.charCodeAt(at - 1))) at -= 1;
  return at;
};
