/**
 * A configuration that can change under those who hold it: one object, with one for each of its sections, whose fields are
 * written anew with each change. Who reads a field where it uses it has the value of now; who takes it out once has that
 * of the start. So nobody needs to be told of a change, and to read a field costs nothing.
 */
import type { Config } from '../config.ts';

export interface LiveConfig {
  readonly config: Config;
  readonly change: (next: Config) => void;
}

const SECTIONS = ['log', 'upstream', 'network', 'limits'] as const;

export const liveConfig = (first: Config): LiveConfig => {
  const sections = Object.fromEntries(SECTIONS.map((name) => [name, { ...first[name] }]));
  const config: Config = { ...first, ...sections };
  return {
    config,
    change: (next) => {
      Object.assign(config, next, sections);
      for (const name of SECTIONS) Object.assign(config[name], next[name]);
    },
  };
};

/** The fields of both: those of `live` change with it, where `own` has none of that name. */
export const besides = <Live extends object, Own extends object>(live: Live, own: Own): Live & Own =>
  Object.setPrototypeOf(own, live) as Live & Own;

/** What is made of a field, made anew when its value is another. */
export const derived = <Live, Name extends keyof Live, Made>(
  live: Live,
  name: Name,
  make: (value: Live[Name]) => Made,
): (() => Made) => {
  let from = live[name];
  let made = make(from);
  return () => {
    const now = live[name];
    if (now !== from) {
      from = now;
      made = make(now);
    }
    return made;
  };
};
