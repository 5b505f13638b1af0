/** What was worked out once, found again by its text. Clients ask the same things again and again. */
export interface Memo<Value> {
  find(text: string): Value | undefined;
  /** Gives the value back. */
  keep(text: string, value: Value): Value;
}

/** For so many texts, none of them longer. Full, it begins anew: that is cheaper than to know what was asked for last. */
export const createMemo = <Value>(most: number, longest: number): Memo<Value> => {
  const known = new Map<string, Value>();
  return {
    find: (text) => (text.length > longest ? undefined : known.get(text)),
    keep: (text, value) => {
      if (text.length > longest) return value;
      if (known.size >= most) known.clear();
      known.set(text, value);
      return value;
    },
  };
};
