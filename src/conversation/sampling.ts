/** Bounds of the parameters that steer generation, as Google has them. */

export const MOST_STOPS = 5;

export const toTopK = (topK: number): number => Math.min(Math.max(Math.trunc(topK), 1), MOST_TOP_K);

const MOST_TOP_K = 64;
