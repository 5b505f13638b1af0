/** What a large body may hold, and what is thrown beyond that. */

/** The engine takes the length of a longer one for its hash: thousands of one length would be compared with each other. */
export const LONGEST_NAME = 8 * 1024;

export interface LargeOptions {
  /** Members of these names, wherever they stand, become RawJson where their value is an object or an array. */
  readonly raw?: ReadonlySet<string> | undefined;
  /** Members of the body itself that hold their value or its JSON as a string. */
  readonly inText?: ReadonlySet<string> | undefined;
  readonly maxValues: number;
  /** What is thrown where there are more. */
  readonly tooMany: () => Error;
  /** What is thrown where a name is longer than LONGEST_NAME. */
  readonly longName: () => Error;
  /** What is thrown where strings that may be keys are not told apart quickly. */
  readonly alike: (name: string) => Error;
}
