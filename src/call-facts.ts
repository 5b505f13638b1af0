/** What becomes known of a request's calls while they are answered. Layers write it; the log line is made of it. */
export interface CallFacts {
  /** What the client called the model, where that is an alias. */
  alias?: string;
  /** Id of the door that was asked last, and so of the one that answered. */
  door?: string;
  /** Who signs there: tells doors and logins apart, and names nobody. */
  account?: string;
  /** As Google was asked for it. */
  servedModel?: string;
  /** The model that answers in place of the one asked for. */
  standIn?: string;
  /** Tries beyond the first at the same door. */
  retries?: number;
  /** Doors that were left for another. */
  failovers?: number;
  /** What the door that was asked last does not take of the request, as the client calls it. */
  leftOut?: Set<string> | undefined;
}
