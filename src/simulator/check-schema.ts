import { invalidArgument } from './google-error.ts';
import { fieldsListOf, fieldsOf, isFields, listOf, stringOf, type Fields } from './values.ts';

const MAX_DEPTH = 32;

const tooDeep = (): Error => invalidArgument('maximum schema depth exceeded');

const violation = (path: string, sentence: string): Error =>
  invalidArgument(`* GenerateContentRequest.${path}: ${sentence}\n`);

const STRING_FORMATS = ['enum', 'date-time'];

/** A schema of the OpenAPI subset, whose field names have been read already. */
export const checkOpenApiSchema = (schema: Fields, path: string, depth = 0): void => {
  if (depth > MAX_DEPTH) throw tooDeep();
  const properties = fieldsOf(schema.properties);
  if (schema.type === 'ARRAY' && schema.items === undefined) throw violation(`${path}.items`, 'missing field.');
  if (schema.type === 'STRING' && schema.format !== undefined && !STRING_FORMATS.includes(stringOf(schema.format))) {
    throw violation(`${path}.format`, "only 'enum' and 'date-time' are supported for STRING type");
  }
  if (listOf(schema.enum).includes('')) throw violation(`${path}.enum[0]`, 'cannot be empty');
  listOf(schema.required).forEach((name, index) => {
    if (!Object.hasOwn(properties, stringOf(name))) {
      throw violation(`${path}.required[${index}]`, 'property is not defined');
    }
  });
  for (const [name, property] of Object.entries(properties)) {
    checkOpenApiSchema(fieldsOf(property), `${path}.properties[${name}]`, depth + 1);
  }
  if (schema.items !== undefined) checkOpenApiSchema(fieldsOf(schema.items), `${path}.items`, depth + 1);
  fieldsListOf(schema.anyOf).forEach((one, index) => {
    checkOpenApiSchema(one, `${path}.any_of[${index}]`, depth + 1);
  });
};

/** What a local reference points at. */
export const resolveReference = (root: Fields, reference: string): unknown => {
  if (!reference.startsWith('#')) return undefined;
  const names = reference
    .split('/')
    .slice(1)
    .map((name) => decodeURIComponent(name).replace(/~1/g, '/').replace(/~0/g, '~'));
  return names.reduce<unknown>((node, name) => fieldsOf(node)[name], root);
};

/** A plain JSON Schema: its references lead somewhere, and following what is required comes to an end. */
export const checkJsonSchema = (root: unknown, path: string): void => {
  if (!isFields(root)) throw violation(path, 'the schema must be an object');

  const visit = (node: unknown, trail: readonly string[], depth: number, required: boolean): void => {
    if (depth > MAX_DEPTH) throw tooDeep();
    if (!isFields(node)) return;
    const empty = listOf(node.enum).indexOf('');
    if (empty !== -1) throw violation(`${path}.enum[${empty}]`, 'cannot be empty');
    const reference = node.$ref;
    if (typeof reference === 'string') {
      // Documented: where $ref is set, nothing else may be but names that begin with $.
      const beside = Object.keys(node).find((name) => !name.startsWith('$'));
      if (beside !== undefined) throw violation(path, `$ref may not be set together with ${beside}`);
      const target = resolveReference(root, reference);
      if (!isFields(target)) throw violation(path, `reference to undefined schema at ${reference}`);
      if (!trail.includes(reference)) visit(target, [...trail, reference], depth + 1, required);
      // A model can leave out what is optional; what is required without end has no value at all.
      else if (required) throw tooDeep();
      return;
    }
    const names = listOf(node.required);
    for (const [name, property] of Object.entries(fieldsOf(node.properties))) {
      visit(property, trail, depth + 1, required && names.includes(name));
    }
    visit(node.items, trail, depth + 1, false);
    for (const list of [node.prefixItems, node.anyOf, node.oneOf, node.allOf]) {
      for (const one of listOf(list)) visit(one, trail, depth + 1, false);
    }
    visit(node.additionalProperties, trail, depth + 1, false);
  };
  visit(root, [], 0, true);
};
