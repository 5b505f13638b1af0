import { badRequest, invalidArgument } from './google-error.ts';
import { isFields, toCamel, toSnake, type Fields } from './values.ts';
import type { Vocabulary } from './vocabulary.ts';

interface Violation {
  readonly field: string;
  readonly description: string;
}

interface Reading {
  readonly vocabulary: Vocabulary;
  readonly violations: Violation[];
}

const refuse = (reading: Reading, field: string, description: string): unknown => {
  reading.violations.push({ field, description });
  return undefined;
};

const invalid = (reading: Reading, path: string, type: string, value: unknown): unknown =>
  refuse(reading, path, `Invalid value at '${path}' (${type}), ${JSON.stringify(value).slice(0, 100)}`);

const unknownName = (reading: Reading, path: string, name: string, why: string): unknown =>
  refuse(
    reading,
    path,
    `Invalid JSON payload received. Unknown name "${name}"${path === '' ? '' : ` at '${path}'`}: ${why}.`,
  );

/** Protocol buffers read both alphabets, with and without padding. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

const isInteger = (value: unknown, bits: number): boolean => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return Number.isInteger(number) && Math.abs(number as number) <= 2 ** (bits - 1);
};

type ReadScalar = (reading: Reading, path: string, value: unknown) => unknown;

const readBytes: ReadScalar = (reading, path, value) => {
  if (typeof value !== 'string') return invalid(reading, path, 'TYPE_BYTES', value);
  const digits = value.length - (value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0);
  if (digits % 4 !== 1 && BASE64.test(value)) return value;
  const shown = JSON.stringify(value.slice(0, 40));
  return refuse(reading, path, `Invalid value at '${path}' (TYPE_BYTES), Base64 decoding failed for ${shown}`);
};

const SCALARS: Readonly<Record<string, ReadScalar>> = {
  string: (reading, path, value) => (typeof value === 'string' ? value : invalid(reading, path, 'TYPE_STRING', value)),
  bool: (reading, path, value) => (typeof value === 'boolean' ? value : invalid(reading, path, 'TYPE_BOOL', value)),
  int32: (reading, path, value) => (isInteger(value, 32) ? Number(value) : invalid(reading, path, 'TYPE_INT32', value)),
  int64: (reading, path, value) => (isInteger(value, 64) ? Number(value) : invalid(reading, path, 'TYPE_INT64', value)),
  float: (reading, path, value) =>
    typeof value === 'number' || (typeof value === 'string' && value !== '' && Number.isFinite(Number(value)))
      ? Number(value)
      : invalid(reading, path, 'TYPE_FLOAT', value),
  bytes: readBytes,
  struct: (reading, path, value) =>
    isFields(value) ? value : invalid(reading, path, 'type.googleapis.com/google.protobuf.Struct', value),
  value: (_reading, _path, value) => value,
};

const readEnum = (reading: Reading, path: string, name: string, values: readonly string[], value: unknown): unknown => {
  if (typeof value === 'number' && values[value] !== undefined) return values[value];
  // Upper case is the rule, lower case is let through.
  const upper = typeof value === 'string' ? value.toUpperCase() : '';
  if (values.includes(upper)) return upper;
  return invalid(reading, path, `type.googleapis.com/${reading.vocabulary.typePrefix}.${name}`, value);
};

const readOne = (reading: Reading, path: string, type: string, value: unknown): unknown => {
  const { messages, enums, typePrefix } = reading.vocabulary;
  const scalar = SCALARS[type];
  if (scalar) return scalar(reading, path, value);
  const values = enums[type];
  if (values) return readEnum(reading, path, type, values, value);
  const fields = messages[type];
  if (!fields) throw new Error(`the vocabulary lacks ${type}`);
  if (!isFields(value)) return invalid(reading, path, `type.googleapis.com/${typePrefix}.${type}`, value);

  const read: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const camel = toCamel(name);
    const fieldType = Object.hasOwn(fields, camel) ? fields[camel] : undefined;
    if (fieldType === undefined || (name !== camel && name !== toSnake(camel))) {
      unknownName(reading, path, name, 'Cannot find field');
    } else if (member !== null) {
      read[camel] = readField(reading, { path, name, type: fieldType }, member);
    }
  }
  return read;
};

const readField = (
  reading: Reading,
  { path, name, type }: { readonly path: string; readonly name: string; readonly type: string },
  value: unknown,
): unknown => {
  const here = `${path === '' ? '' : `${path}.`}${toSnake(name)}`;
  const inner = type.replace(/[[{].*$/, '');
  if (type.endsWith('[]')) {
    // A single value in place of a list is taken as a list of one: Google's own examples write `parts` so.
    if (!Array.isArray(value)) return [readOne(reading, here, inner, value)];
    return value.map((one, index) => readOne(reading, `${here}[${index}]`, inner, one));
  }
  if (type.endsWith('{}')) {
    if (!isFields(value)) return invalid(reading, here, 'Map', value);
    return Object.fromEntries(
      Object.entries(value).map(([key, one], index) => [key, readOne(reading, `${here}[${index}].value`, inner, one)]),
    );
  }
  if (Array.isArray(value) && inner !== 'value' && inner !== 'struct') {
    return unknownName(reading, path, name, 'Proto field is not repeating, cannot start list');
  }
  return readOne(reading, here, inner, value);
};

/**
 * Reads a body as protocol buffers' JSON does: both spellings of each known field, nothing unknown, `null` for
 * absent. Answers it in camelCase; free-form objects stay as they are.
 */
export const readMessage = (vocabulary: Vocabulary, type: string, text: string): Fields => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalidArgument('Invalid JSON payload received. Unexpected token.\n' + text.slice(0, 40));
  }
  const reading: Reading = { vocabulary, violations: [] };
  const isObject = isFields(json);
  const read = isObject ? readOne(reading, '', type, json) : undefined;
  if (!isObject) refuse(reading, '', 'Invalid JSON payload received. The root must be an object.');
  if (reading.violations.length > 0) {
    throw invalidArgument(reading.violations.map(({ description }) => description).join('\n'), [
      badRequest(reading.violations.map(({ field, description }) => ({ ...(field !== '' && { field }), description }))),
    ]);
  }
  return read as Fields;
};
