/** Numbers of the commands of which it is not known here whether Redis has done them. */
export interface Unanswered {
  /** One more, and the oldest of all. */
  add(): { readonly number: number; readonly oldest: number };
  remove(number: number): void;
}

export const createUnanswered = (): Unanswered => {
  /** In the order of their numbers. */
  const numbers = new Set<number>();
  let last = 0;
  return {
    add: () => {
      last += 1;
      numbers.add(last);
      const [oldest = last] = numbers;
      return { number: last, oldest };
    },
    remove: (number) => {
      numbers.delete(number);
    },
  };
};
