import { needsKeyDoor } from '../../src/gemini/kept.ts';
import type { Keeper } from '../../src/gemini/kept.ts';
import type { Live } from '../../src/gemini/live.ts';

const refuse = () => Promise.reject(needsKeyDoor('Files'));

/** Of a relay without a door of the Gemini API. */
export const NO_KEEPER: Keeper = {
  isOpen: () => false,
  create: refuse,
  ask: refuse,
  remove: refuse,
  own: refuse,
  each: () => {
    throw needsKeyDoor('Files');
  },
  keep: () => Promise.resolve(),
  ownerOf: () => Promise.resolve(undefined),
};

export const NO_LIVE: Live = {
  isOpen: () => false,
  checkNames: refuse,
  connect: refuse,
  spent: refuse,
  keepHandle: () => Promise.resolve(),
};
