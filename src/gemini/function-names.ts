/** Names of functions that Gemini accepts, and the way back to the client's own. One per request. */
import { createHash } from 'node:crypto';

export interface FunctionNames {
  toGemini(name: string): string;
  toClient(name: string): string;
}

/**
 * `names`: every name of the request, declared or only called in its history. Where all of them are legal there is nothing
 * to keep; a later one that is not is told apart from these.
 */
export const createFunctionNames = (names: readonly string[]): FunctionNames => {
  const own = new Set(names);
  let translation = names.every(isLegal) ? undefined : createTranslation(names);
  return {
    toGemini: (name) => {
      if (!translation && (own.has(name) || isLegal(name))) return name;
      translation ??= createTranslation(names);
      return translation.toGemini(name);
    },
    toClient: (name) => translation?.toClient(name) ?? name,
  };
};

const createTranslation = (names: readonly string[]): FunctionNames => {
  const gemini = new Map<string, string>();
  const client = new Map<string, string>();
  const keep = (name: string, as: string): string => {
    gemini.set(name, as);
    client.set(as, name);
    return as;
  };

  const all = [...new Set(names)];
  for (const name of all) if (isLegal(name)) keep(name, name);
  const odd = all.filter((name) => !isLegal(name));
  const uses = new Map<string, number>();
  for (const name of odd) uses.set(sanitize(name), (uses.get(sanitize(name)) ?? 0) + 1);
  // All of several that fall together get their hash, so that the outcome does not depend on their order.
  for (const name of odd) {
    const plain = sanitize(name);
    keep(name, client.has(plain) || (uses.get(plain) ?? 0) > 1 ? hashed(name, client) : plain);
  }

  return {
    toGemini: (name) => {
      const known = gemini.get(name);
      if (known !== undefined) return known;
      const plain = sanitize(name);
      return keep(name, client.has(plain) ? hashed(name, client) : plain);
    },
    toClient: (name) => client.get(name) ?? name,
  };
};

const MAX_LENGTH = 64;
/** With `_` and eight hexadecimal digits behind it: 64. */
const STEM_LENGTH = 55;

const isLegal = (name: string): boolean => name.length <= MAX_LENGTH && /^[A-Za-z_][\w.:-]*$/.test(name);

const sanitize = (name: string): string => {
  const clean = stem(name);
  return clean.length > MAX_LENGTH ? `${clean.slice(0, STEM_LENGTH)}_${hash(name)}` : clean;
};

const stem = (name: string): string => {
  const clean = name.replace(/[^\w.:-]/gu, '_');
  return /^[A-Za-z_]/.test(clean) ? clean : `_${clean}`;
};

const hashed = (name: string, taken: ReadonlyMap<string, string>): string => {
  for (let salt = ''; ; salt += '+') {
    const candidate = `${stem(name).slice(0, STEM_LENGTH)}_${hash(name + salt)}`;
    if (!taken.has(candidate)) return candidate;
  }
};

const hash = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 8);
