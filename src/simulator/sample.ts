import { resolveReference } from './check-schema.ts';
import { fieldsOf, isFields, listOf, numberOf, stringOf, type Fields } from './values.ts';

const MAX_DEPTH = 8;

const typeOf = (schema: Fields): string => {
  const { type } = schema;
  const first = Array.isArray(type) ? (type as unknown[]).find((one) => one !== 'null') : type;
  if (typeof first === 'string') return first.toLowerCase();
  if (schema.properties !== undefined) return 'object';
  return schema.items === undefined ? 'string' : 'array';
};

const numberFor = (schema: Fields): number => {
  const least = numberOf(schema.minimum) ?? numberOf(schema.exclusiveMinimum);
  const most = numberOf(schema.maximum) ?? numberOf(schema.exclusiveMaximum);
  if (least !== undefined && least >= 1) return least === schema.exclusiveMinimum ? least + 1 : least;
  return most !== undefined && most < 1 ? most : 1;
};

const FORMATS: ReadonlyMap<string, string> = new Map([
  ['date', '2026-01-02'],
  ['date-time', '2026-01-02T03:04:05Z'],
  ['email', 'someone@example.com'],
  ['uri', 'https://example.com/'],
  ['uuid', '00000000-0000-4000-8000-000000000000'],
]);

const stringFor = (schema: Fields, text: string): string => {
  const wanted = FORMATS.get(stringOf(schema.format)) ?? text;
  const longest = numberOf(schema.maxLength) ?? wanted.length;
  return wanted.slice(0, longest).padEnd(numberOf(schema.minLength) ?? 0, '.');
};

/** A value that fits the schema, in either dialect: `text` wherever a free string is asked for. */
export const sampleOf = (root: unknown, text: string): unknown => {
  const sample = (node: unknown, depth: number): unknown => {
    if (!isFields(node)) return text;
    const { $ref, enum: values, const: constant } = node;
    if (typeof $ref === 'string')
      return depth > MAX_DEPTH ? null : sample(resolveReference(fieldsOf(root), $ref), depth + 1);
    if (constant !== undefined) return constant;
    if (Array.isArray(values) && values.length > 0) return (values as unknown[])[0];
    const branch = listOf(node.anyOf ?? node.oneOf).find((one) => typeOf(fieldsOf(one)) !== 'null');
    if (branch !== undefined) return sample(branch, depth + 1);
    const [merged] = listOf(node.allOf);
    if (merged !== undefined && node.properties === undefined) return sample(merged, depth + 1);

    switch (typeOf(node)) {
      case 'object':
        return sampleObject(node, depth);
      case 'array':
        return Array.from({ length: Math.max(1, numberOf(node.minItems) ?? 1) }, (_, index) =>
          sample(listOf(node.prefixItems)[index] ?? node.items, depth + 1),
        );
      case 'integer':
        return Math.ceil(numberFor(node));
      case 'number':
        return numberFor(node);
      case 'boolean':
        return true;
      case 'null':
        return null;
      default:
        return stringFor(node, text);
    }
  };

  const sampleObject = (node: Fields, depth: number): Fields => {
    const properties = fieldsOf(node.properties);
    const required = listOf(node.required).map(stringOf);
    const names = required.length > 0 || depth > MAX_DEPTH ? required : Object.keys(properties);
    return Object.fromEntries(names.map((name) => [name, sample(properties[name], depth + 1)]));
  };

  return sample(root, 0);
};
