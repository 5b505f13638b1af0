import { addToldName } from '../gemini/told-names.ts';

/** What a client sent and the relay has no use for. Nothing is lost in silence: the answer's header lists these names. */
export interface Ignored {
  add(name: string): void;
  /** Notes every field outside `known` that says something, as `place.field`. */
  rest(fields: Fields, known: ReadonlySet<string>, place: string): void;
  /** The same within one of many messages, items or parts: said once for all of them, so the place has no numbers. */
  restOfEach(fields: Fields, known: ReadonlySet<string>, param: string): void;
  /** A name with such a place in it. */
  addOfEach(param: string): void;
  /** All so far. */
  readonly names: readonly string[];
}

export const createIgnored = (already: readonly string[] = NONE): Ignored => {
  // Made when there is something to note: most requests have nothing.
  let names: Set<string> | undefined;

  const add = (name: string): void => {
    names ??= new Set(already);
    addToldName(names, name);
    if (names.size > ignored.names.length) ignored.names = [...names];
  };

  const ignored = {
    names: already,
    add,
    rest: (fields: Fields, known: ReadonlySet<string>, place: string): void => {
      for (const name in fields) {
        if (!known.has(name) && saysSomething(fields[name])) add(place === '' ? name : `${place}.${name}`);
      }
    },
    restOfEach: (fields: Fields, known: ReadonlySet<string>, param: string): void => {
      for (const name in fields) {
        if (!known.has(name) && saysSomething(fields[name])) add(`${withoutNumbers(param)}.${name}`);
      }
    },
    addOfEach: (param: string): void => {
      add(withoutNumbers(param));
    },
  };
  return ignored;
};

type Fields = Readonly<Record<string, unknown>>;

const NONE: readonly string[] = [];

/** All of its fields are known: there is nothing to note. */
export const holdsOnly = (fields: Fields, known: ReadonlySet<string>): boolean => {
  for (const name in fields) if (!known.has(name)) return false;
  return true;
};

const withoutNumbers = (param: string): string => param.replace(/\[\d+\]/g, '[]');

const saysSomething = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
