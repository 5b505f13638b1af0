import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlainSchema } from '../../src/gemini/json-schema-plain.ts';
import { walkSchema } from '../../src/gemini/json-schema-walk.ts';
import { createSchemaNormalizer, normalizeSchema } from '../../src/gemini/json-schema.ts';
import type { JsonObject } from '../../src/gemini/types.ts';
import { RawJson, writeJson } from '../../src/json.ts';

const TOOL = {
  type: 'object',
  properties: {
    city: { type: 'string', description: 'A city.', minLength: 1 },
    unit: { type: ['string', 'null'], enum: ['celsius', null] },
    days: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }], default: null },
    places: { type: 'array', items: { type: 'object', properties: { lat: { type: 'number' } }, required: ['lat'] } },
    more: { type: 'object', additionalProperties: { type: 'string' } },
  },
  required: ['city', 'unit'],
  additionalProperties: false,
};

describe('isPlainSchema', () => {
  it('knows a usual tool, which then travels as it is', () => {
    expect(isPlainSchema(TOOL)).toBe(true);
    expect(normalizeSchema(TOOL).schema).toBe(TOOL);
  });

  it.each<JsonObject>([
    { type: 'OBJECT' },
    { type: ['string'] },
    { type: ['string', 'string'] },
    { const: 1 },
    { enum: [] },
    { nullable: true },
    { $ref: '#/$defs/a' },
    { allOf: [{}] },
    { anyOf: [] },
    { anyOf: [{}, {}] },
    { items: [{}] },
    { properties: { a: true } },
    { properties: { a: { required: true } } },
    { properties: { a: {} }, required: ['a', 'a'] },
    { properties: { a: {} }, required: ['b'] },
    { properties: { a: {} }, required: [] },
    { required: ['toString'], properties: {} },
    { default: new RawJson('{}') },
    { description: 1 },
    { not: {} },
  ])('leaves %j to the cleaning', (schema) => {
    expect(isPlainSchema(schema)).toBe(false);
  });

  it('leaves to the cleaning what is deep or large', () => {
    let deep: JsonObject = {};
    for (let level = 0; level < 40; level += 1) deep = { items: deep };
    const names = Array.from({ length: 3000 }, (_, index) => `p${index}`);
    const wide = { properties: Object.fromEntries(names.map((name) => [name, {}])) };
    expect(isPlainSchema(deep)).toBe(false);
    expect(isPlainSchema(wide)).toBe(false);
    expect(isPlainSchema({ required: names, ...wide })).toBe(false);
  });

  const word = fc.constantFrom('a', 'b', '__proto__', 'type', '1');
  const schemaOf = (depth: number): fc.Arbitrary<JsonObject> => {
    if (depth === 0) return fc.constantFrom<JsonObject>({}, { type: 'string' }, { const: 1 }, { $ref: '#' });
    const inner = schemaOf(depth - 1);
    const many = fc.array(inner, { minLength: 1, maxLength: 3 });
    const members = {
      type: fc.constantFrom('object', 'string', 'array', 'String', ['string', 'null'], ['string'], 1),
      properties: fc.dictionary(word, inner, { maxKeys: 3 }),
      required: fc.array(word, { maxLength: 2 }),
      items: fc.oneof(inner, many),
      prefixItems: many,
      anyOf: many,
      oneOf: many,
      additionalProperties: fc.oneof(fc.boolean(), inner),
      enum: fc.array(fc.constantFrom('x', 1, null, {}), { maxLength: 2 }),
      description: fc.constantFrom('', 'd', 1),
      title: fc.constant('t'),
      default: fc.constantFrom(null, {}, [1]),
      format: fc.constant('date'),
      nullable: fc.boolean(),
      $schema: fc.constant('https://json-schema.org/draft/2020-12/schema'),
      other: fc.constant(1),
    } satisfies Record<string, fc.Arbitrary<unknown>>;
    const member = fc.oneof(
      ...Object.entries(members).map(([keyword, value]) =>
        (value as fc.Arbitrary<unknown>).map((read): [string, unknown] => [keyword, read]),
      ),
    );
    return fc.array(member, { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
  };
  const schema = schemaOf(3);

  it('says yes only where the cleaning makes an equal copy', () => {
    let plain = 0;
    fc.assert(
      fc.property(schema, (value) => {
        if (!isPlainSchema(value)) return;
        plain += 1;
        expect(writeJson(walkSchema(value, { inline: false, keepsRoot: true }))).toBe(writeJson(value));
      }),
      { numRuns: 5000 },
    );
    expect(plain).toBeGreaterThan(500);
  });

  it('a declared object looks the same on both ways', () => {
    fc.assert(
      fc.property(schema, (value) => {
        const object: JsonObject = { ...value, type: 'object' };
        const { $schema: _dialect, ...bare } = object;
        // An empty `definitions` is dropped by the cleaning, and sends a schema there.
        const cleaned = normalizeSchema({ ...bare, definitions: {} });
        expect(writeJson(normalizeSchema(object))).toBe(writeJson(cleaned));
      }),
      { numRuns: 3000 },
    );
  });

  it('what is remembered of a schema is what is made of it', () => {
    const normalize = createSchemaNormalizer();
    fc.assert(
      fc.property(fc.oneof(schema, fc.constantFrom<unknown>(null, true, 'x', [])), (value) => {
        const made = writeJson(normalizeSchema(value));
        expect([writeJson(normalize(value)), writeJson(normalize(structuredClone(value)))]).toEqual([made, made]);
      }),
      { numRuns: 3000 },
    );
  });

  it('kept numbers and long schemas are told apart', () => {
    const normalize = createSchemaNormalizer();
    for (const enums of [[1], [JSON.rawJSON('1.0')], ['1'], ['x'.repeat(9000)], ['x'.repeat(9001)]]) {
      const value = { type: 'object', properties: { a: { enum: enums } }, nullable: false };
      expect(writeJson(normalize(value))).toBe(writeJson(normalizeSchema(value)));
    }
  });
});
