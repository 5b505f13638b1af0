/** The limits that a key can have, in the order in which they are shown. */
import { money, shortNumber } from '../../lib/format.js';

export const LIMITS = /** @type {const} */ ([
  'rpm',
  'tpm',
  'requests_per_day',
  'tokens_per_day',
  'requests_per_month',
  'tokens_per_month',
  'concurrent',
  'cost_per_month',
]);

/** @typedef {typeof LIMITS[number]} LimitName */
/** @typedef {import('../../lib/answers.d.ts').ClientKey} ClientKey */
/** @typedef {{ name: LimitName, limit: number, used: number, left: number, share: number }} Rest */

/** The limits that this key has, with what is left. @param {ClientKey} key @returns {Rest[]} */
export const restsOf = (key) =>
  LIMITS.flatMap((name) => {
    const limit = key[name];
    if (typeof limit !== 'number') return [];
    const used = key.used[name] ?? 0;
    const left = Math.max(0, limit - used);
    return [{ name, limit, used, left, share: limit > 0 ? left / limit : 0 }];
  });

/** The one that will be reached first. @param {ClientKey} key */
export const tightestOf = (key) => restsOf(key).sort((one, other) => one.share - other.share)[0];

/** @param {LimitName} name @param {number} value @param {string} tag */
export const showLimit = (name, value, tag) =>
  name === 'cost_per_month' ? money(value, tag) : shortNumber(value, tag);

/** @param {ClientKey} key @param {number} now @returns {'ok' | 'disabled' | 'expired'} */
export const standingOf = ({ disabled, expires_at: expires }, now) => {
  if (disabled) return 'disabled';
  return expires !== null && Date.parse(expires) <= now ? 'expired' : 'ok';
};
