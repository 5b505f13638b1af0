import type { Context } from 'koa';
import { refusal } from '../errors/refusal.ts';

/**
 * The first value of each, as it stands in the address; one without a value is none. `key` has been taken out of it, for
 * elsewhere it is a secret; who asks here has shown theirs in a header, and names a key by it.
 */
export const queryOf = <Name extends string>(ctx: Context, names: readonly Name[]): Partial<Record<Name, string>> => {
  const given = new URLSearchParams(ctx.querystring);
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = name === 'key' ? ctx.state.urlKeys[0] : given.get(name);
    if (value !== null && value !== undefined && value !== '') found[name] = value;
  }
  return found;
};

/** A question that was read, or a 400 that names the field. */
export const questionIn = <Question, Field extends string>(
  reading: { readonly question: Question } | { readonly field: Field; readonly problem: string },
  written: Partial<Record<Field, string>>,
): Question => {
  if ('question' in reading) return reading.question;
  const { field, problem } = reading;
  throw refusal('invalid_value', field, `${field} '${(written[field] ?? '').slice(0, LONGEST)}' ${problem}.`);
};

const LONGEST = 100;
