/** The addresses of this family. Base URLs are given in several ways; the same routes stand under all of them. */

/** The usual one, the one that says whose API is meant, and `/v1` given twice or not at all. */
const BASES = ['/v1', '/anthropic/v1', '/v1/v1', '/anthropic/v1/v1', '/anthropic', ''];

export const under = (path: string): string[] => BASES.map((base) => base + path);

const OWN = /^(?:\/anthropic(?:\/|$)|(?:\/v1)*\/(?:messages|complete)(?:\/|$))/;

/** Whether a path is this family's alone. */
export const isAnthropicPath = (path: string): boolean => OWN.test(path);
