/** Dates and lifetimes of tokens as found in the field. What cannot be read is no date: then a refresh comes first. */

export const SECOND_MS = 1000;
export const DAY_MS = 86_400_000;

/** 1e11 as milliseconds is 1973, as seconds the year 5138: no token's expiry is near either. */
const SECONDS_BELOW = 1e11;
const LATEST_DATE_MS = 8.64e15;

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/i;

/** Milliseconds since 1970 from milliseconds, seconds, either of them as text, or ISO 8601 (without a zone: UTC). */
export const readExpiry = (value: unknown): number | undefined => {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^\d{1,17}(\.\d{1,9})?$/.test(text)) return fromNumber(Number(text));
  const iso = ISO.exec(text);
  if (!iso) return undefined;
  const [, date = '', minutes = '', seconds = '00', fraction = '', zone = 'Z'] = iso;
  const digits = zone.replace(':', '');
  const offset = /^z$/i.test(zone) ? 'Z' : `${digits.slice(0, 3)}:${digits.slice(3) || '00'}`;
  const ms = Date.parse(`${date}T${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
};

const fromNumber = (value: number): number | undefined => {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  const ms = value < SECONDS_BELOW ? value * SECOND_MS : value;
  return ms > LATEST_DATE_MS ? undefined : ms;
};

/** An expiry in the spelling of the one it replaces: same unit, same zone, same number of decimals. */
export const writeExpiry = (expiresAt: number, replaced: unknown): number | string => {
  if (typeof replaced === 'number') {
    return replaced > 0 && replaced < SECONDS_BELOW ? Math.floor(expiresAt / SECOND_MS) : Math.floor(expiresAt);
  }
  const iso = typeof replaced === 'string' ? ISO.exec(replaced.trim()) : null;
  const [seconds = '', decimals = ''] = new Date(expiresAt).toISOString().slice(0, -1).split('.');
  if (!iso) return `${seconds}.${decimals}Z`;
  const places = iso[4]?.length ?? 0;
  const zone = iso[5];
  const suffix = zone === undefined ? '' : /^z$/i.test(zone) ? 'Z' : '+00:00';
  return seconds + (places > 0 ? `.${decimals.padEnd(places, '0').slice(0, places)}` : '') + suffix;
};

const SHORTEST_MS = 60 * SECOND_MS;
const UNSAID_MS = 600 * SECOND_MS;

/** `expires_in` of a token answer, kept between a minute and a day (R10). */
export const readLifetimeMs = (expiresIn: unknown): number => {
  const text = typeof expiresIn === 'string' ? expiresIn.trim() : expiresIn;
  const seconds = typeof text === 'number' || (typeof text === 'string' && text !== '') ? Number(text) : NaN;
  if (Number.isNaN(seconds)) return UNSAID_MS;
  return Math.min(Math.max(seconds * SECOND_MS, SHORTEST_MS), DAY_MS);
};
