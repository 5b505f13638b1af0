/** What was worked out once, found again by its text. Clients ask the same things again and again. */
export interface Memo<Value> {
  get(text: string): Value | undefined;
  /** Gives the value back. */
  keep(text: string, value: Value): Value;
}

/** For so many texts, none of them longer. Full, it begins anew: that is cheaper than to know what was asked for last. */
export const createMemo = <Value>(most: number, longest: number): Memo<Value> => new BoundedMap(most, longest);

/** Each request asks a dozen times: to ask the engine's own map is no call of a function. */
class BoundedMap<Value> extends Map<string, Value> implements Memo<Value> {
  readonly #most: number;
  readonly #longest: number;

  constructor(most: number, longest: number) {
    super();
    this.#most = most;
    this.#longest = longest;
  }

  keep(text: string, value: Value): Value {
    if (text.length > this.#longest) return value;
    if (this.size >= this.#most) this.clear();
    this.set(text, value);
    return value;
  }
}
