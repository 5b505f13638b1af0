/** Names that clients ask for and Google has no model of (`MODEL_ALIASES`): which model serves them. */
import { createMemo } from '../engine/memo.ts';
import type { Model, Tier } from './model-rows.ts';
import { isNewer, splitVariants, withoutPrefixes } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';

export interface Alias {
  /** A name; `*` in it stands for anything. */
  readonly asked: string;
  /** An id, perhaps with suffixes, or the newest model of a tier. */
  readonly served: string | { readonly newest: Tier };
}

/** What clients of Anthropic's API ask for by themselves. */
export const DEFAULT_ALIASES: readonly Alias[] = [
  { asked: 'claude-*opus*', served: { newest: 'pro' } },
  { asked: 'claude-*fable*', served: { newest: 'pro' } },
  { asked: 'claude-*mythos*', served: { newest: 'pro' } },
  { asked: 'claude-*haiku*', served: { newest: 'flash-lite' } },
  { asked: 'claude-*', served: { newest: 'flash' } },
];

interface Match {
  readonly served: Alias['served'];
  /** `-nothinking` and so on, as they stood behind the name. */
  readonly suffixes: readonly string[];
}

const NO_MATCH: Match = { served: '', suffixes: [] };

/** The catalogue as clients see it: an alias wins over an id of the same name, because the owner wrote it. */
export const withAliases = (
  catalogue: Catalogue,
  aliases: readonly Alias[],
  serves: (model: Model) => boolean,
): Catalogue => {
  if (aliases.length === 0) return catalogue;
  const rules = aliases.map(({ asked, served }) => ({ pieces: asked.toLowerCase().split('*'), served }));
  const known = createMemo<Match>(MOST_NAMES, LONGEST_NAME);

  const match = (name: string): Match => {
    if (name.length > LONGEST_NAME) return NO_MATCH;
    const spellings = splitVariants(withoutPrefixes(name.trim()).toLowerCase());
    for (const { pieces, served } of rules) {
      // The barest first: what stands behind the name passes through, unless the alias itself ends in it.
      for (const { base, suffixes } of spellings) if (isMatch(pieces, base)) return { served, suffixes };
    }
    return NO_MATCH;
  };

  /** The newest that the door has; what is open may change while the relay serves. */
  const newest = (tier: Tier): string => {
    const rivals = catalogue.list().filter((model) => model.tier === tier);
    const there = rivals.filter(serves);
    return (there.length > 0 ? there : rivals).reduce((best, model) => (isNewer(model, best) ? model : best)).id;
  };

  const servedFor = (name: string): string | undefined => {
    const { served, suffixes } = known.get(name) ?? known.keep(name, match(name));
    if (served === '') return undefined;
    const id = typeof served === 'string' ? served : newest(served.newest);
    return [id, ...suffixes.filter((suffix) => !id.split('-').includes(suffix))].join('-');
  };

  return {
    ...catalogue,
    resolve: (name, kind) => {
      const served = servedFor(name);
      if (served === undefined) return catalogue.resolve(name, kind);
      return { ...catalogue.resolve(served, kind), requested: name, isAlias: true };
    },
    find: (name) => {
      const served = servedFor(name);
      const found = catalogue.find(served ?? name);
      return found && served !== undefined ? { ...found, requested: name, isAlias: true } : found;
    },
  };
};

const MOST_NAMES = 256;
const LONGEST_NAME = 200;

/** In linear time, however many stars there are. */
const isMatch = (pieces: readonly string[], name: string): boolean => {
  const [first = '', ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return name === first;
  const end = name.length - last.length;
  if (end < first.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let from = first.length;
  for (const piece of others) {
    const at = name.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return from <= end;
};
