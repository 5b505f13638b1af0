/**
 * A configuration that can change under those who hold it: the same fields, each read anew. Who reads a field where it
 * uses it has the value of now; who takes it out once has that of the start. So nobody needs to be told of a change, and
 * a field costs what a getter does.
 */
import type { Config } from '../config.ts';

export const liveFields = <T extends object>(current: () => T): T =>
  viewOf(current(), (name) => (): unknown => Reflect.get(current(), name));

/** The same, where a change makes a new object: each field is looked up once in each of them. */
const derivedFields = <T extends object>(current: () => T): T =>
  viewOf(current(), (name) => derived(current, (now): unknown => Reflect.get(now, name)));

const viewOf = <T extends object>(first: T, readerOf: (name: string) => () => unknown): T => {
  const view = { ...first };
  for (const name of Object.keys(view)) {
    Object.defineProperty(view, name, { enumerable: true, configurable: true, get: readerOf(name) });
  }
  return view;
};

const SECTIONS = ['log', 'upstream', 'network', 'limits'] as const;

export const liveConfig = (current: () => Config): Config => {
  const view = derivedFields(current);
  for (const section of SECTIONS) {
    const fields = derivedFields(derived(current, (config): object => config[section]));
    Object.defineProperty(view, section, { enumerable: true, value: fields });
  }
  return view;
};

/** What is made of a value, made anew when the value is another. */
export const derived = <Source, Made>(source: () => Source, make: (source: Source) => Made): (() => Made) => {
  let from = source();
  let made = make(from);
  return () => {
    const now = source();
    if (now !== from) {
      from = now;
      made = make(now);
    }
    return made;
  };
};
