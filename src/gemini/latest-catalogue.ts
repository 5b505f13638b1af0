import type { Catalogue } from './catalogue.ts';

/** For those who hold a catalogue while it is replaced by another: each question goes to the one of now. */
export const latestCatalogue = (current: () => Catalogue): Catalogue => ({
  resolve: (name, kind) => current().resolve(name, kind),
  find: (name) => current().find(name),
  rowOf: (id) => current().rowOf(id),
  list: (kind) => current().list(kind),
  all: () => current().all(),
  configured: () => current().configured(),
  listed: () => current().listed(),
  nearest: (name, kind, serves) => current().nearest(name, kind, serves),
});
