/** Reading a client's fields with zod: `null` is absent, numbers and booleans may be strings, errors name the field. */
import type * as Zod from 'zod';
import type { JsonObject } from '../gemini/types.ts';
import { isObject, toNumber } from '../json.ts';
import { z } from '../engine/zod.ts';
import type { Reason } from '../reasons.ts';
import { missing, refusal } from '../errors/refusal.ts';

/**
 * Zod takes a microsecond for a field, and nearly all that clients send is in order as it is. A schema that can tell at
 * a glance says so here: where this is true, reading the value gives the value itself.
 */
type InOrder = (value: unknown) => boolean;

interface Glance {
  readonly inOrder?: InOrder;
}

export const withGlance = <T extends Zod.ZodType>(schema: T, inOrder: InOrder | undefined): T & Glance =>
  Object.assign(schema, inOrder && { inOrder });

/** Of one schema there is one: a start would make hundreds that say the same. */
export const optional = <T extends Zod.ZodType & Glance>(schema: T) => {
  const made = optionals.get(schema) ?? toOptional(schema);
  optionals.set(schema, made);
  // By its schema, so it is of its type.
  return made as ReturnType<typeof toOptional<T>>;
};

const optionals = new WeakMap<Zod.ZodType, Zod.ZodType>();

const toOptional = <T extends Zod.ZodType & Glance>(schema: T) =>
  withGlance(
    z.preprocess((value) => (value === null ? undefined : value), schema.optional()),
    schema.inOrder,
  );

export const number = (min: number, max: number) => {
  const error = `must be a number from ${min} to ${max}`;
  return withGlance(
    z.preprocess(toPlainNumber, z.number({ error }).min(min, { error }).max(max, { error })),
    (value) => typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max,
  );
};

export const integer = (min: number, max: number) => {
  const error = max === Infinity ? `must be an integer of at least ${min}` : `must be an integer from ${min} to ${max}`;
  return withGlance(
    z.preprocess(toPlainNumber, z.number({ error }).int({ error }).min(min, { error }).max(max, { error })),
    (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max,
  );
};

/** Any integer, however long: JSON that JavaScript cannot hold arrives as its own text. */
export const bigInteger = () =>
  z.preprocess(
    (value) => {
      const text = JSON.isRawJSON(value) ? value.rawJSON : typeof value === 'number' ? String(value) : value;
      if (typeof text !== 'string' || text.trim() === '') return value;
      if (/^\s*-?\d+\s*$/.test(text)) return BigInt(text);
      return Number.isInteger(Number(text)) ? BigInt(Number(text)) : value;
    },
    z.bigint({ error: 'must be an integer' }),
  );

const BOOLEAN = withGlance(
  z.preprocess(
    (value) => {
      const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
      return word === 'true' ? true : word === 'false' ? false : value;
    },
    z.boolean({ error: 'must be true or false' }),
  ),
  (value) => typeof value === 'boolean',
);

export const boolean = () => BOOLEAN;

const TEXT = withGlance(z.string({ error: 'must be a string' }), (value) => typeof value === 'string');

export const text = () => TEXT;

const OBJECT = withGlance(
  z.custom<JsonObject>(isObject, { error: 'must be an object', params: { reason: 'invalid_type' } }),
  isObject,
);

export const object = () => OBJECT;

interface Lengths {
  readonly least?: readonly [length: number, error: string];
  readonly most?: readonly [length: number, error: string];
}

/** Reads no further than the first item that is wrong: zod would tell of every one, and a client may send a million. */
export const list = <T extends Zod.ZodType & Glance>(item: T, { least, most }: Lengths = {}) => {
  const { inOrder } = item;
  let items = z.array(z.unknown(), { error: 'must be an array' });
  if (least) items = items.min(least[0], { error: least[1] });
  if (most) items = items.max(most[0], { error: most[1] });
  const readItems = (values: readonly unknown[], { issues }: Zod.core.ParsePayload): Zod.output<T>[] => {
    const output: Zod.output<T>[] = [];
    for (let at = 0; at < values.length; at += 1) {
      const read = item.safeParse(values[at]);
      if (!read.success) {
        // The first is the one that is told. Zod's two kinds of issues, read and raw, differ in their types alone.
        const [first] = read.error.issues;
        if (first) issues.push({ ...first, path: [at, ...first.path], input: values[at] } as Zod.core.$ZodRawIssue);
        return z.NEVER;
      }
      output.push(read.data);
    }
    return output;
  };
  const fewest = least?.[0] ?? 0;
  const longest = most?.[0] ?? Infinity;
  return withGlance(
    items.transform(readItems),
    inOrder &&
      ((value) => Array.isArray(value) && value.length >= fewest && value.length <= longest && value.every(inOrder)),
  );
};

/** One of two shapes. */
export const either = <One extends Zod.ZodType & Glance, Other extends Zod.ZodType & Glance>(
  one: One,
  other: Other,
  error: string,
) => {
  const { inOrder: first } = one;
  const { inOrder: second } = other;
  return withGlance(z.union([one, other], { error }), first && second && ((value) => first(value) || second(value)));
};

/** An object of fields; others are left out. */
export const group = <Shape extends Readonly<Record<string, Zod.ZodType & Glance>>>(
  shape: Shape,
  error = 'must be an object',
) => {
  let required: readonly string[] | undefined;
  const inOrder: InOrder = (value) =>
    isObject(value) &&
    (required ??= requiredOf(shape)).every((name) => value[name] !== undefined) &&
    Object.keys(value).every((name) => Object.hasOwn(shape, name) && shape[name]?.inOrder?.(value[name]) === true);
  return withGlance(z.object(shape, { error }), inOrder);
};

/** Reads `value` by `schema`, or refuses naming the field at fault, with `place` before its name. */
export const readFields = <T>(schema: Zod.ZodType<T>, value: unknown, place = ''): T => {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const path = (issue?.path ?? []).filter((step) => typeof step !== 'symbol');
  const param = toParam(path, place);
  if (path.length > 0 && isAbsent(value, path)) {
    throw missing(param);
  }
  throw refusal(issue ? toReason(issue) : 'invalid_value', param, `'${param}' ${issue?.message ?? 'is not valid'}.`);
};

/**
 * `readFields` for a schema of many fields of which a request has few. Zod visits all of them and takes a microsecond
 * for each one that is there, in a server's cold caches three; this looks at those that are there, and asks zod only
 * about what is not in order at a glance. Whatever is wrong is found and told the plain way.
 */
export const createFieldReader = <Shape extends Zod.ZodRawShape>(
  schema: Zod.ZodObject<Shape>,
): ((value: unknown, place?: string) => Zod.output<Zod.ZodObject<Shape>>) => {
  const fields = new Map<string, Zod.core.$ZodType & Glance>();
  const required: string[] = [];
  const plan = (): void => {
    for (const [name, field] of Object.entries(schema.shape)) {
      fields.set(name, field);
      if (!mayBeAbsent(field)) required.push(name);
    }
  };

  return (value, place) => {
    if (!isObject(value)) return readFields(schema, value, place);
    if (fields.size === 0) plan();
    for (const name of required) if (value[name] === undefined) return readFields(schema, value, place);
    const present: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const field = fields.get(name);
      if (!field) continue;
      const given = value[name];
      if (field.inOrder?.(given) === true) {
        present[name] = given;
        continue;
      }
      const read = z.safeParse(field, given);
      if (!read.success) return readFields(schema, value, place);
      present[name] = read.data;
    }
    return present as Zod.output<typeof schema>;
  };
};

const requiredOf = (shape: Zod.core.$ZodShape): readonly string[] =>
  Object.keys(shape).filter((name) => shape[name] && !mayBeAbsent(shape[name]));

const mayBeAbsent = (field: Zod.core.$ZodType): boolean => {
  const read = z.safeParse(field, undefined);
  return read.success && read.data === undefined;
};

const toPlainNumber = (value: unknown): unknown => {
  const plain = toNumber(value);
  if (plain !== undefined) return plain;
  if (typeof value !== 'string' || value.trim() === '') return value;
  const read = Number(value);
  return Number.isFinite(read) ? read : value;
};

const toReason = (issue: Zod.core.$ZodIssue): Reason => {
  if (issue.code === 'too_small' && issue.origin === 'array') return 'empty_array';
  if (issue.code === 'invalid_type') return NUMBERS.has(issue.expected) ? 'invalid_value' : 'invalid_type';
  if (issue.code === 'invalid_union') return 'invalid_type';
  return issue.code === 'custom' && issue.params?.['reason'] === 'invalid_type' ? 'invalid_type' : 'invalid_value';
};

const NUMBERS: ReadonlySet<string> = new Set(['number', 'int', 'bigint']);

const toParam = (path: readonly (string | number)[], place: string): string =>
  path.reduce<string>(
    (param, step) => (typeof step === 'number' ? `${param}[${step}]` : param === '' ? step : `${param}.${step}`),
    place,
  );

const isAbsent = (value: unknown, path: readonly (string | number)[]): boolean => {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return false;
    at = Object.hasOwn(at, step) ? (at as Record<string | number, unknown>)[step] : undefined;
  }
  return at === undefined || at === null;
};
