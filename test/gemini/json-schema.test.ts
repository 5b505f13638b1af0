import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  normalizeResponseSchema,
  normalizeSchema,
  schemaInstruction,
  simplifySchema,
  simplifyTools,
} from '../../src/gemini/json-schema.ts';
import { RawJson, parseJson, writeJson } from '../../src/json.ts';
import type { JsonObject } from '../../src/gemini/types.ts';
import { processorNow } from '../support/machine.ts';

const EMPTY = { type: 'object', properties: {} };
/** The schema of one property, cleaned lightly. */
const property = (schema: unknown, more: object = {}) => {
  const { schema: root } = normalizeSchema({ type: 'object', properties: { p: schema }, ...more });
  return (root['properties'] as Record<string, unknown>)['p'];
};
const light = (schema: unknown) => normalizeSchema(schema).schema;

describe('the root', () => {
  test.each([[undefined], [null], [true], [false], [{}], ['x'], [[]], [new RawJson('{}')]])(
    'H79: %j is an object without properties',
    (schema) => {
      expect(normalizeSchema(schema)).toEqual({ schema: EMPTY, wrapped: false });
    },
  );

  test.each([
    [{ properties: { a: {} } }, { type: 'object', properties: { a: {} } }],
    [{ description: 'd' }, { ...EMPTY, description: 'd' }],
    [{ type: ['object', 'null'] }, EMPTY],
    [{ type: 'OBJECT', properties: {} }, EMPTY],
    [
      { anyOf: [{ type: 'object' }, { type: 'string' }] },
      { ...EMPTY, anyOf: [{ type: 'object' }, { type: 'string' }] },
    ],
  ])('%j gets what is missing', (schema, expected) => {
    expect(normalizeSchema(schema)).toEqual({ schema: expected, wrapped: false });
  });

  test.each([
    [{ type: 'array', items: { type: 'string' } }],
    [{ type: 'string' }],
    [{ enum: ['a'] }],
    [{ anyOf: [{ type: 'string' }, { type: 'array' }] }],
  ])('%j is no object and becomes the property `value`', (schema) => {
    expect(normalizeSchema(schema)).toEqual({
      schema: { type: 'object', properties: { value: schema }, required: ['value'] },
      wrapped: true,
    });
  });

  test('definitions stay at the root of what is wrapped, and # no longer means it', () => {
    const schema = {
      type: 'array',
      items: { anyOf: [{ $ref: '#/definitions/A' }, { $ref: '#' }] },
      definitions: { A: { type: 'string' } },
    };
    const { schema: wrapped } = normalizeSchema(schema);
    expect(wrapped['$defs']).toEqual({ A: { type: 'string' } });
    expect(JSON.stringify(wrapped)).toContain('"$ref":"#/$defs/A"');
    expect(JSON.stringify(wrapped)).not.toContain('"$ref":"#"');
  });

  test('a root that is a reference is what it stands for', () => {
    const Node = { type: 'object', properties: { next: { $ref: '#/definitions/Node' } } };
    expect(
      light({ $ref: '#/definitions/Alias', definitions: { Alias: { $ref: '#/definitions/Node' }, Node } }),
    ).toEqual({
      type: 'object',
      properties: { next: { $ref: '#/$defs/Node' } },
      $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } } },
    });
  });
});

describe('only positions of schemas are read', () => {
  const names = [
    'title',
    'format',
    'const',
    'default',
    'properties',
    'required',
    '$ref',
    'x-foo',
    'not',
    'allOf',
    '$schema',
  ];

  test.each(names)('H75: a property called %s survives', (name) => {
    const schema = { type: 'object', properties: { [name]: { type: 'string', description: 'd' } }, required: [name] };
    expect(light(schema)).toEqual(schema);
    for (const target of ['parametersJsonSchema', 'parameters'] as const) {
      expect(simplifySchema(schema, target)).toMatchObject({
        properties: { [name]: { description: 'd' } },
        required: [name],
      });
    }
  });

  test('R29: __proto__ and constructor are names of properties like any other', () => {
    const schema = parseJson(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"number"}},"required":["__proto__","toString","constructor"]}',
    );
    const cleaned = light(schema);
    expect(writeJson(cleaned)).toBe(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"number"}},"required":["__proto__","constructor"]}',
    );
    expect(writeJson(simplifySchema(schema, 'parameters'))).toContain('"__proto__":{"type":"STRING"}');
  });

  test('data keeps what looks like a keyword', () => {
    const schema = { type: 'object', default: { $schema: 'x', const: 1 }, enum: [{ 'x-a': 1 }] };
    expect(property(schema)).toEqual(schema);
  });
});

describe('light cleaning of a property', () => {
  test.each([
    [
      'H77',
      { const: 'a', type: ['string', 'null'], 'x-foo': 1, $comment: 'c' },
      { enum: ['a'], type: ['string', 'null'] },
    ],
    ['const gives its type', { const: 3 }, { enum: [3], type: 'integer' }],
    ['const null', { const: null }, { enum: [null], type: 'null' }],
    ['const before enum', { enum: ['a', 'b'], const: 'b' }, { enum: ['b'], type: 'string' }],
    [
      'words about the document',
      { $schema: 's', $id: 'i', $anchor: 'a', $dynamicRef: '#a', $vocabulary: {}, strict: true, type: 'string' },
      { type: 'string' },
    ],
    [
      'words about use',
      { readOnly: true, writeOnly: true, deprecated: true, contentEncoding: 'base64', examples: [1], type: 'string' },
      { type: 'string' },
    ],
    [
      'validation stays',
      { type: 'string', pattern: '^a', minLength: 1, maxLength: 2, format: 'uri-template' },
      { type: 'string', pattern: '^a', minLength: 1, maxLength: 2, format: 'uri-template' },
    ],
    [
      'numbers stay',
      { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 9, multipleOf: 0.5 },
      { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 9, multipleOf: 0.5 },
    ],
    ['types in upper case', { type: 'STRING' }, { type: 'string' }],
    ['enum of any kind', { enum: [1, 'a', true, null] }, { enum: [1, 'a', true, null] }],
    ['oneOf stays', { oneOf: [{ const: 'a' }] }, { oneOf: [{ enum: ['a'], type: 'string' }] }],
    ['arrays without items', { type: 'array' }, { type: 'array' }],
    [
      'tuples',
      { type: 'array', items: [{ type: 'string' }, {}], additionalItems: false },
      { type: 'array', prefixItems: [{ type: 'string' }, {}] },
    ],
    ['items of any kind', { type: 'array', items: true }, { type: 'array' }],
    [
      'required is cut to what there is',
      { type: 'object', properties: { a: {} }, required: ['a', 'b', 'a', 3] },
      { type: 'object', properties: { a: {} }, required: ['a'] },
    ],
    [
      'required on the property itself',
      { type: 'object', properties: { a: { type: 'string', required: true }, b: { required: false } } },
      { type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a'] },
    ],
    ['nullable', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    ['nullable false', { type: 'string', nullable: false }, { type: 'string' }],
    [
      'a nullable list',
      { type: 'string', enum: ['a'], nullable: true, description: 'd' },
      { description: 'd', anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] },
    ],
    [
      'a nullable union',
      { anyOf: [{ type: 'string' }, { type: 'number' }], nullable: true },
      { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
    ],
    [
      'additionalProperties',
      { additionalProperties: { const: 1 } },
      { additionalProperties: { enum: [1], type: 'integer' } },
    ],
    ['boolean schemas', true, {}],
    ['a reference to elsewhere', { $ref: 'https://x.example/y.json' }, { description: 'See https://x.example/y.json' }],
    ['a reference to nothing', { $ref: '#/$defs/None', description: 'd' }, { description: 'd\nSee #/$defs/None' }],
    [
      'unions that only require',
      { properties: { a: {} }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      { properties: { a: {} }, description: 'anyOf: [{"required":["a"]},{"required":["b"]}]' },
    ],
  ])('%s', (_what, schema, expected) => {
    expect(property(schema)).toEqual(expected);
  });

  test.each([
    ['not', { const: 'x' }],
    ['if', { properties: {} }],
    ['then', {}],
    ['else', {}],
    ['patternProperties', { '^a': { type: 'string' } }],
    ['propertyNames', { pattern: '^a' }],
    ['unevaluatedProperties', false],
    ['dependentRequired', { a: ['b'] }],
    ['dependentSchemas', { a: {} }],
  ])('%s becomes a line of the description', (keyword, value) => {
    expect(property({ type: 'object', description: 'd', [keyword]: value })).toEqual({
      type: 'object',
      description: `d\n${keyword}: ${JSON.stringify(value)}`,
    });
  });

  test('allOf is one schema; where they collide, the parent’s stays', () => {
    const schema = {
      description: 'parent',
      properties: { a: { type: 'string' } },
      allOf: [
        { $ref: '#/$defs/Base' },
        { type: 'object', properties: { a: { type: 'number' }, c: {} }, required: ['c'], description: 'branch' },
      ],
    };
    const $defs = { Base: { allOf: [{ properties: { b: { type: 'integer' } }, required: ['b'] }] } };
    expect(property(schema, { $defs })).toEqual({
      description: 'parent',
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'integer' }, c: {} },
      required: ['b', 'c'],
    });
  });

  test('allOf follows a reference to a reference', () => {
    const $defs = { Alias: { $ref: '#/$defs/Base' }, Base: { type: 'object', properties: { b: {} } } };
    expect(property({ allOf: [{ $ref: '#/$defs/Alias' }, { properties: { c: {} } }] }, { $defs })).toEqual({
      type: 'object',
      properties: { b: {}, c: {} },
    });
  });

  test('nothing that came in is changed', () => {
    const schema = {
      type: 'object',
      properties: { p: { const: 1, nullable: true, $ref: undefined } },
      definitions: { A: {} },
    };
    const before = structuredClone(schema);
    normalizeSchema(schema);
    normalizeResponseSchema(schema);
    simplifySchema(schema, 'parameters');
    expect(schema).toEqual(before);
  });

  test('numbers keep their spelling, also in a schema that was kept as text', () => {
    const text = '{"type":"object","properties":{"args":{"type":"integer","maximum":9007199254740993,"enum":[1.0]}}}';
    expect(writeJson(light(new RawJson(text)))).toBe(text);
    expect(writeJson(light(parseJson(text, { raw: new Set(['args']) })))).toBe(text);
  });

  test('what is clean already stays as it is, and cleaning twice is cleaning once', () => {
    const schema = {
      type: 'object',
      properties: { c: { type: 'string' } },
      required: ['c'],
      additionalProperties: false,
    };
    expect(JSON.stringify(light(schema))).toBe(JSON.stringify(schema));
    const odd = {
      definitions: { A: { const: 1 } },
      properties: { a: { $ref: '#/definitions/A' }, b: { nullable: true, type: 'string' } },
    };
    expect(light(light(odd))).toEqual(light(odd));
  });
});

describe('references', () => {
  test('definitions become $defs, and words stand around a reference', () => {
    const schema = {
      type: 'object',
      properties: { a: { $ref: '#/definitions/A', description: 'Kept.', default: 1 }, b: { $ref: '#/$defs/B' } },
      definitions: { A: { type: 'object', properties: { b: { $ref: '#/$defs/B' } }, title: 'A' } },
      $defs: { B: { const: 'b' } },
    };
    expect(light(schema)).toEqual({
      type: 'object',
      properties: {
        a: { description: 'Kept.', default: 1, anyOf: [{ $ref: '#/$defs/A' }] },
        b: { $ref: '#/$defs/B' },
      },
      $defs: {
        A: { type: 'object', properties: { b: { $ref: '#/$defs/B' } }, title: 'A' },
        B: { enum: ['b'], type: 'string' },
      },
    });
  });

  test('one name in both places is two definitions', () => {
    const schema = {
      properties: { a: { $ref: '#/definitions/X' }, b: { $ref: '#/$defs/X' } },
      definitions: { X: { type: 'string' } },
      $defs: { X: { type: 'number' } },
    };
    const cleaned = light(schema);
    const refs = Object.values(cleaned['properties'] as object).map((node: { $ref: string }) => node.$ref);
    const types = refs.map((ref) => (cleaned['$defs'] as Record<string, { type: string }>)[ref.slice(8)]?.type);
    expect(types).toEqual(['string', 'number']);
  });

  test('odd names of definitions are found', () => {
    const schema = { properties: { a: { $ref: '#/$defs/a~1b%20c~0' } }, $defs: { 'a/b c~': { type: 'string' } } };
    expect(light(schema)).toMatchObject({
      properties: { a: { $ref: '#/$defs/a~1b c~0' } },
      $defs: { 'a/b c~': { type: 'string' } },
    });
  });

  test('a pointer to anywhere else is copied', () => {
    const schema = {
      properties: { a: { type: 'string', minLength: 1 }, b: { $ref: '#/properties/a', description: 'b' } },
    };
    expect(light(schema)).toMatchObject({ properties: { b: { type: 'string', minLength: 1, description: 'b' } } });
  });

  test('words around a reference that may be null, and in a form of answers', () => {
    const $defs = { A: { type: 'object', properties: { x: { type: 'string' } } } };
    expect(property({ $ref: '#/$defs/A', title: 'T', nullable: true }, { $defs })).toEqual({
      title: 'T',
      anyOf: [{ $ref: '#/$defs/A' }, { type: 'null' }],
    });
    const schema = { type: 'object', properties: { p: { $ref: '#/$defs/A', description: 'd' } }, $defs };
    expect(normalizeResponseSchema(schema)).toEqual({
      ...schema,
      properties: { p: { description: 'd', anyOf: [{ $ref: '#/$defs/A' }] } },
    });
  });

  test('words beside a reference that is cut, or has a place of its own, stay as well', () => {
    const self = { type: 'object', properties: { next: { $ref: '#', description: 'The next.' } }, required: ['next'] };
    const text = JSON.stringify(light(self));
    expect(text).toContain('{"type":"object","description":"The next."}');
    expect(text).not.toContain('$ref');
  });

  test('a reference without its # leads into the document where it can', () => {
    const $defs = {
      Pet: { type: 'object', properties: { kind: { type: 'string' }, next: { $ref: '/$defs/Pet' } } },
      Old: { type: 'object', properties: { age: { type: 'number' } } },
    };
    const properties = (mark: string) => ({
      pet: { $ref: `${mark}/$defs/Pet` },
      same: { $ref: '#/$defs/Pet' },
      both: { allOf: [{ $ref: `${mark}/$defs/Old` }, { properties: { b: {} } }] },
    });
    const schema = (mark: string) => ({ type: 'object', properties: properties(mark), $defs });
    expect(light(schema(''))).toEqual(light(schema('#')));
    expect(light(schema(''))['properties']).toMatchObject({ pet: { $ref: '#/$defs/Pet' } });
    expect(Object.keys(light(schema(''))['$defs'] as object)).toEqual(['Pet']);
    expect(property({ $ref: '/schemas/pet.json' }, { $defs })).toEqual({ description: 'See /schemas/pet.json' });
  });

  test('rules beside a reference are merged into a copy', () => {
    const $defs = { A: { type: 'object', properties: { x: { type: 'string' } }, required: ['x'] } };
    expect(property({ $ref: '#/$defs/A', type: 'object', deprecated: true }, { $defs })).toEqual({ $ref: '#/$defs/A' });
    expect(property({ $ref: '#/$defs/A', properties: { y: { type: 'number' } }, required: ['y'] }, { $defs })).toEqual({
      type: 'object',
      properties: { x: { type: 'string' }, y: { type: 'number' } },
      required: ['y', 'x'],
    });
  });

  test('nullable references', () => {
    expect(property({ $ref: '#/$defs/A', nullable: true }, { $defs: { A: { type: 'string' } } })).toEqual({
      anyOf: [{ $ref: '#/$defs/A' }, { type: 'null' }],
    });
  });

  test('R29: a reference to constructor leads nowhere', () => {
    expect(property({ $ref: '#/constructor' })).toEqual({ description: 'See #/constructor' });
    expect(property({ $ref: '#/$defs/__proto__' }, { $defs: {} })).toEqual({ description: 'See #/$defs/__proto__' });
  });

  describe('circles', () => {
    const tree = (required: readonly string[]) => ({
      type: 'object',
      properties: { root: { $ref: '#/$defs/Tree' } },
      required: ['root'],
      $defs: {
        Tree: {
          type: 'object',
          properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
          required,
        },
      },
    });

    test('behind a property that may be absent they stay', () => {
      const schema = tree(['name']);
      expect(light(schema)).toEqual(schema);
      const self = { type: 'object', properties: { next: { $ref: '#' } } };
      expect(light(self)).toEqual(self);
    });

    test('behind a required one they are cut at the third level', () => {
      const text = JSON.stringify(light(tree(['name', 'children'])));
      expect(text.split('"children":').length - 1).toBe(4);
      expect(text).toContain('"items":{"type":"object"}');
      expect(text.split('$ref').length - 1).toBe(1);
    });

    test('also where two definitions make one together', () => {
      const schema = {
        properties: { a: { $ref: '#/$defs/A' } },
        $defs: {
          A: { type: 'object', properties: { b: { $ref: '#/$defs/B' } }, required: ['b'] },
          B: { type: 'object', properties: { a: { $ref: '#/$defs/A' } }, required: ['a'] },
        },
      };
      const text = JSON.stringify(light(schema));
      expect(text.split('$ref').length - 1).toBe(1);
      expect(text.length).toBeLessThan(2_000);
    });

    test.each([
      ['to itself', { $ref: '#' }],
      ['of two', { $ref: '#/$defs/A', $defs: { A: { $ref: '#/$defs/B' }, B: { $ref: '#/$defs/A' } } }],
      ['in allOf', { allOf: [{ $ref: '#' }], properties: { a: { allOf: [{ $ref: '#' }] } } }],
      [
        'in a union',
        {
          properties: { a: { $ref: '#/$defs/J' } },
          required: ['a'],
          $defs: {
            J: {
              anyOf: [{ type: 'array', items: { $ref: '#/$defs/J' } }, { additionalProperties: { $ref: '#/$defs/J' } }],
            },
          },
        },
      ],
    ])('%s end', (_what, schema) => {
      for (const cleaned of [light(schema), normalizeResponseSchema(schema), simplifySchema(schema, 'parameters')]) {
        expect(JSON.stringify(cleaned).length).toBeLessThan(20_000);
      }
    });

    test('a chain of references is followed as far as a schema is deep, however long it is', () => {
      const chain = (links: number) => ({
        type: 'object',
        properties: { a: { allOf: [{ $ref: '#/$defs/d0' }] } },
        $defs: Object.fromEntries(
          Array.from({ length: links }, (_none, at) => [
            `d${at}`,
            at + 1 < links ? { $ref: `#/$defs/d${at + 1}` } : { type: 'integer' },
          ]),
        ),
      });
      expect(JSON.stringify(light(chain(20)))).toContain('integer');
      const before = processorNow();
      simplifySchema(chain(20_000), 'parameters');
      // Where each link was compared with all before it, this took ten seconds.
      expect(processorNow() - before).toBeLessThan(500);
    });

    test('a circle of objects is cut as well', () => {
      const schema: Record<string, unknown> = { type: 'object', properties: {} };
      schema['properties'] = { self: schema, not: { not: schema } };
      for (const cleaned of [light(schema), simplifySchema(schema, 'parametersJsonSchema')]) {
        expect(() => JSON.stringify(cleaned)).not.toThrow();
      }
    });
  });
});

describe('size', () => {
  const nested = (levels: number): unknown =>
    JSON.parse('{"properties":{"a":'.repeat(levels) + '{}' + '}}'.repeat(levels));
  const wide = {
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`p${index}`, { const: index }])),
  };
  const references = {
    properties: Object.fromEntries(
      Array.from({ length: 3_000 }, (_, index) => [`p${index}`, { $ref: `#/$defs/D${index}` }]),
    ),
    $defs: Object.fromEntries(
      Array.from({ length: 3_000 }, (_, index) => [
        `D${index}`,
        {
          properties: {
            a: { $ref: `#/$defs/D${(index * 7 + 1) % 3_000}` },
            b: { $ref: `#/$defs/D${(index * 3 + 2) % 3_000}` },
          },
          required: ['a', 'b'],
        },
      ]),
    ),
  };
  const bushy = {
    properties: { a: { $ref: '#/$defs/A' } },
    required: ['a'],
    $defs: {
      A: {
        properties: Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, { $ref: '#/$defs/A' }])),
        required: Array.from({ length: 60 }, (_, index) => `p${index}`),
      },
    },
  };
  const merging = { allOf: Array.from({ length: 200 }, () => ({ $ref: '#' })) };

  test.each([
    ['deep', nested(5_000)],
    ['wide', wide],
    ['full of references', references],
    ['bushy', bushy],
    ['merging itself', merging],
  ])('R25: a schema that is %s takes a bounded time', (_what, schema) => {
    const start = processorNow();
    for (const cleaned of [light(schema), normalizeResponseSchema(schema), simplifySchema(schema, 'parameters')]) {
      expect(() => JSON.stringify(cleaned)).not.toThrow();
    }
    expect(processorNow() - start).toBeLessThan(5_000);
  });

  /** Of as many properties, each with more beside its reference than may stand there. */
  const copying = (count: number, definition: object): JsonObject => ({
    type: 'object',
    properties: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`p${index}`, { $ref: '#/$defs/A', minLength: 1 }]),
    ),
    $defs: { A: definition },
  });
  const odd = Object.fromEntries(Array.from({ length: 8_000 }, (_, index) => [`odd${index}`, 1]));

  test.each<[string, JsonObject]>([
    [
      'merged from many',
      { allOf: Array.from({ length: 8_000 }, (_, index) => ({ properties: { [`k${index}`]: {} } })) },
    ],
    ['copied with many odd keywords', copying(4_000, { type: 'string', ...odd })],
    [
      'merged from many copies with odd keywords',
      { allOf: Array.from({ length: 4_000 }, () => ({ $ref: '#/$defs/A' })), $defs: { A: odd } },
    ],
  ])('R25: a schema of some 100 KB that is %s takes no longer than its length explains', (_what, schema) => {
    const start = processorNow();
    light(schema);
    simplifySchema(schema, 'parameters');
    expect(processorNow() - start).toBeLessThan(1_000);
  });

  test('what is copied to many places is bounded in all', () => {
    const cleaned = light(copying(4_000, { type: 'string', description: 'long '.repeat(40_000) }));
    const text = JSON.stringify(cleaned);
    expect(text.split('"minLength":1').length).toBeGreaterThan(10);
    expect(text.length).toBeLessThan(6_000_000);
  });

  test('properties beyond any use are left out, and a line says so', () => {
    const cleaned = light(wide);
    expect(Object.keys(cleaned['properties'] as object)).toHaveLength(5_000);
    expect(cleaned['description']).toBe('Only the first 5000 properties.');
  });

  test('depth that people write is kept', () => {
    expect(JSON.stringify(light(nested(30))).split('"a":').length - 1).toBe(30);
  });

  test('whatever comes in, a schema for an object comes out', () => {
    const keyword = fc.constantFrom(
      'type',
      'properties',
      'required',
      'items',
      'anyOf',
      'allOf',
      '$ref',
      '$defs',
      'enum',
      'const',
      'nullable',
      'not',
    );
    const { schema } = fc.letrec((tie) => ({
      schema: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>('object', 'string', ['string', 'null'], '#', '#/$defs/const', true, null, 1, []),
        fc.dictionary(keyword, tie('schema'), { maxKeys: 4 }),
        fc.array(tie('schema'), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(schema, (value) => {
        expect(light(value)).toMatchObject({ type: 'object' });
        expect(simplifySchema(value, 'parametersJsonSchema')).toMatchObject({ type: 'object' });
        expect(simplifySchema(value, 'parameters')).toMatchObject({ type: 'OBJECT' });
        normalizeResponseSchema(value);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('schemas of answers', () => {
  test.each([[undefined], [null], [true], [{}], ['x'], [[]]])('%j is none', (schema) => {
    expect(normalizeResponseSchema(schema)).toBeUndefined();
  });

  test('any root is fine', () => {
    expect(normalizeResponseSchema({ type: 'array', items: { type: 'string' } })).toEqual({
      type: 'array',
      items: { type: 'string' },
    });
  });

  test('keywords that are not documented for it become words', () => {
    const schema = {
      $schema: 's',
      type: 'object',
      properties: {
        a: { type: 'string', pattern: '^a', minLength: 1, description: 'd', format: 'date-time' },
        b: { type: 'number', minimum: 1, exclusiveMaximum: 2, default: 1.5 },
      },
      required: ['a'],
      additionalProperties: false,
    };
    expect(normalizeResponseSchema(schema, 'unused? no: the root has none')).toEqual({
      type: 'object',
      properties: {
        a: { type: 'string', description: 'd\npattern: "^a"\nminLength: 1', format: 'date-time' },
        b: { type: 'number', minimum: 1, description: 'exclusiveMaximum: 2\ndefault: 1.5' },
      },
      required: ['a'],
      additionalProperties: false,
      description: 'unused? no: the root has none',
    });
    expect(normalizeResponseSchema({ type: 'object', description: 'own' }, 'other')).toMatchObject({
      description: 'own',
    });
  });

  test.each([
    [{ enum: ['a', 1] }, { enum: ['a', 1] }],
    [{ const: true }, { type: 'boolean', description: 'enum: [true]' }],
    [{ type: 'string', enum: ['a', null] }, { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] }],
    [{ enum: ['a', 'b', null] }, { anyOf: [{ enum: ['a', 'b'] }, { type: 'null' }] }],
    [{ type: ['string', 'null'], enum: ['a', null] }, { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] }],
  ])('lists hold texts and numbers: %j', (schema, expected) => {
    expect(normalizeResponseSchema({ type: 'object', properties: { p: schema } })?.['properties']).toEqual({
      p: expected,
    });
  });
});

describe('heavy cleaning', () => {
  const heavy = (schema: unknown, target: 'parametersJsonSchema' | 'parameters', more: object = {}) => {
    const root = simplifySchema({ type: 'object', properties: { p: schema }, ...more }, target);
    return (root['properties'] as Record<string, unknown>)['p'];
  };

  test.each([
    ['one type', { type: ['string', 'null'] }, { type: 'string' }, { type: 'STRING', nullable: true }],
    [
      'several types',
      { type: ['integer', 'string'] },
      { type: 'string' },
      { anyOf: [{ type: 'INTEGER' }, { type: 'STRING' }] },
    ],
    ['no type', {}, { type: 'string' }, { type: 'STRING' }],
    ['only null', { type: 'null' }, undefined, undefined],
    [
      'arrays',
      { type: 'array' },
      { type: 'array', items: { type: 'string' } },
      { type: 'ARRAY', items: { type: 'STRING' } },
    ],
    [
      'numbers in a list',
      { type: 'integer', enum: [1, 2] },
      { type: 'integer', enum: [1, 2] },
      { type: 'INTEGER', enum: ['1', '2'] },
    ],
    [
      'empty texts in a list',
      { type: 'string', enum: ['', 'a'] },
      { type: 'string', enum: ['a'] },
      { type: 'STRING', enum: ['a'] },
    ],
    [
      'validation',
      { type: 'string', minLength: 2, pattern: '^a', format: 'uri', description: 'd' },
      { type: 'string', description: 'd\nminLength: 2\npattern: "^a"\nformat: "uri"' },
      { type: 'STRING', minLength: 2, pattern: '^a', description: 'd\nformat: "uri"' },
    ],
    [
      'open objects',
      { type: 'object', additionalProperties: { type: 'string' } },
      { type: 'object' },
      { type: 'OBJECT' },
    ],
    [
      'constants of one type',
      { oneOf: [{ const: 'a' }, { const: 'b' }, { type: 'null' }] },
      { type: 'string', enum: ['a', 'b'] },
      { type: 'STRING', enum: ['a', 'b'], nullable: true },
    ],
    [
      'one branch and null',
      { anyOf: [{ type: 'integer' }, { type: 'null' }], description: 'd' },
      { type: 'integer', description: 'd' },
      { type: 'INTEGER', nullable: true, description: 'd' },
    ],
    [
      'branches',
      { anyOf: [{ type: 'string' }, { type: 'object', properties: { a: {} } }] },
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        description: 'Also accepted: {"type":"string"}',
      },
      { anyOf: [{ type: 'STRING' }, { type: 'OBJECT', properties: { a: { type: 'STRING' } } }] },
    ],
  ])('%s', (_what, schema, inJsonSchema, inParameters) => {
    expect(heavy(schema, 'parametersJsonSchema')).toEqual(inJsonSchema);
    expect(heavy(schema, 'parameters')).toEqual(inParameters);
  });

  test('a property that is only null is not required either', () => {
    const schema = { type: 'object', properties: { a: { type: 'null' }, b: {} }, required: ['a', 'b'] };
    expect(simplifySchema(schema, 'parameters')).toEqual({
      type: 'OBJECT',
      properties: { b: { type: 'STRING' } },
      required: ['b'],
    });
  });

  test('references are gone, circles are cut', () => {
    const schema = {
      properties: { a: { $ref: '#/$defs/A' } },
      $defs: { A: { properties: { a: { $ref: '#/$defs/A' } } } },
    };
    const text = JSON.stringify(simplifySchema(schema, 'parametersJsonSchema'));
    expect(text).not.toContain('$');
    expect(text.split('"a":').length - 1).toBe(4);
  });

  test('an object of several forms keeps its own properties and those of the fullest form', () => {
    const schema = {
      type: 'object',
      properties: { id: { type: 'string' } },
      required: ['id'],
      anyOf: [{ type: 'null' }, { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] }],
    };
    expect(simplifySchema(schema, 'parametersJsonSchema')).toMatchObject({
      type: 'object',
      properties: { id: { type: 'string' }, a: { type: 'number' } },
      required: ['id'],
    });
  });

  test('nothing is left that the field does not know', () => {
    const known = {
      parametersJsonSchema: /^(type|title|description|properties|required|items|enum|propertyOrdering)$/,
      parameters:
        /^(type|format|title|description|nullable|enum|items|m(?:in|ax)(?:Items|Properties|Length|imum)|properties|required|propertyOrdering|pattern|anyOf|default)$/,
    };
    const schema = {
      type: 'object',
      properties: {
        a: { type: ['string', 'array'], items: { const: 1 }, format: 'email', uniqueItems: true, examples: ['x'] },
        b: { allOf: [{ minimum: 1, multipleOf: 2 }], exclusiveMaximum: 3, type: 'integer' },
        c: { type: 'object', patternProperties: { a: {} }, additionalProperties: false, propertyNames: {} },
        d: { oneOf: [{ type: 'array', prefixItems: [{ const: 'x' }, { type: 'boolean' }] }, { $ref: '#/$defs/D' }] },
      },
      $defs: { D: { type: 'object', properties: { e: { not: {} } } } },
      $schema: 'x',
      additionalProperties: false,
    };
    for (const target of ['parametersJsonSchema', 'parameters'] as const) {
      const check = (node: Record<string, unknown>): void => {
        for (const [keyword, value] of Object.entries(node)) {
          expect(keyword).toMatch(known[target]);
          if (keyword === 'properties') Object.values(value as object).forEach(check);
          if (keyword === 'items') check(value as Record<string, unknown>);
          if (keyword === 'anyOf') (value as Record<string, unknown>[]).forEach(check);
        }
      };
      check(simplifySchema(schema, target));
    }
  });
});

describe('tools', () => {
  test('every declaration is simplified in the field that it uses', () => {
    const request = {
      contents: [],
      tools: [
        { googleSearch: {} },
        {
          functionDeclarations: [
            { name: 'a', description: 'd', parametersJsonSchema: { type: 'object', properties: { p: { const: 1 } } } },
            { name: 'b', parameters: new RawJson('{"type":"object","properties":{"p":{"type":"string"}}}') },
            { name: 'c' },
          ],
        },
      ],
    };
    expect(simplifyTools(request)).toEqual({
      contents: [],
      tools: [
        { googleSearch: {} },
        {
          functionDeclarations: [
            {
              name: 'a',
              description: 'd',
              parametersJsonSchema: { type: 'object', properties: { p: { type: 'integer', enum: [1] } } },
            },
            { name: 'b', parameters: { type: 'OBJECT', properties: { p: { type: 'STRING' } } } },
            { name: 'c' },
          ],
        },
      ],
    });
  });

  test('a request without tools is the same one', () => {
    const request = { contents: [] };
    expect(simplifyTools(request)).toBe(request);
  });
});

test('the instruction holds the schema without loss, in one line', () => {
  const text = schemaInstruction(new RawJson('{"type":"object","properties":{"n":{"maximum":1.0}}}'));
  expect(text).toContain('{"type":"object","properties":{"n":{"maximum":1.0}}}');
  expect(text).not.toContain('\n');
  expect(schemaInstruction()).toContain('JSON');
});
