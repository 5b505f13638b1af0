/** What a client sent and the relay has no use for. Nothing is lost in silence: the answer's header lists these names. */
export interface Ignored {
  add(name: string): void;
  /** Notes every field outside `known` that says something, as `place.field`. */
  rest(fields: Readonly<Record<string, unknown>>, known: ReadonlySet<string>, place: string): void;
  list(): readonly string[];
}

const MOST_NAMES = 40;
const LONGEST_NAME = 80;

export const createIgnored = (): Ignored => {
  const names = new Set<string>();

  const add = (name: string): void => {
    // The list becomes a header value, and names are the client's own words.
    if (names.size < MOST_NAMES) names.add(name.replace(/[^\w.\-[\]() ]/g, '_').slice(0, LONGEST_NAME));
  };

  return {
    add,
    rest: (fields, known, place) => {
      for (const [name, value] of Object.entries(fields)) {
        if (!known.has(name) && saysSomething(value)) add(place === '' ? name : `${place}.${name}`);
      }
    },
    list: () => [...names],
  };
};

const saysSomething = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
