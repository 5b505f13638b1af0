/** Settings as they are written, and by whom. */
import type { Environment } from '../config.ts';

export interface Written {
  /** The process's own, and what the command line says. */
  readonly environment: Environment;
  /** `.env`. */
  readonly file: Environment;
}

/** What was changed on the page, by the names of variables. Kept as text, as a variable would be. */
export type PageValues = ReadonlyMap<string, string>;
