/** `1 request`, `2 requests`: a count with what is counted, in English. */
export const withCount = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;
