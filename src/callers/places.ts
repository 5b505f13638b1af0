/** Places that are held for long: so many in all, and nobody has more of them than are left for others. */
export interface Places {
  /** To be called when leaving; undefined for whom there is none. */
  take(caller: string): (() => void) | undefined;
  /** Those that nobody has. */
  readonly free: number;
  /** Of one caller. */
  of(caller: string): number;
}

export const createPlaces = (most: number): Places => {
  const held = new Map<string, number>();
  let free = most;

  const change = (caller: string, by: number): void => {
    const own = (held.get(caller) ?? 0) + by;
    free -= by;
    if (own === 0) held.delete(caller);
    else held.set(caller, own);
  };

  return {
    take: (caller) => {
      if ((held.get(caller) ?? 0) >= free) return undefined;
      change(caller, 1);
      return () => {
        change(caller, -1);
      };
    },
    get free() {
      return free;
    },
    of: (caller) => held.get(caller) ?? 0,
  };
};
