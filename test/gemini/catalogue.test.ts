import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import { processorNow } from '../support/machine.ts';

const catalogue = createCatalogue([]);

const failureOf = (name: string, from = catalogue): RelayError => {
  try {
    from.resolve(name);
  } catch (error) {
    if (error instanceof RelayError) return error;
    throw error;
  }
  throw new Error(`${name} was resolved`);
};

describe('names that are found', () => {
  test.each([
    ['gemini-2.5-flash', 'gemini-2.5-flash', []],
    ['models/gemini-2.5-flash', 'gemini-2.5-flash', []],
    ['  gemini-2.5-flash\n', 'gemini-2.5-flash', []],
    ['Gemini-2.5-Flash', 'gemini-2.5-flash', []],
    ['google/gemini-2.5-pro', 'gemini-2.5-pro', []],
    ['gemini/gemini-2.5-pro', 'gemini-2.5-pro', []],
    ['openai/gemini-2.5-pro', 'gemini-2.5-pro', []],
    ['vertex_ai/gemini-2.5-pro', 'gemini-2.5-pro', []],
    ['openai/models/gemini-2.5-pro', 'gemini-2.5-pro', []],
    ['gemini-2.5-pro-search', 'gemini-2.5-pro', ['search']],
    ['gemini-2.5-pro-search-nothinking', 'gemini-2.5-pro', ['nothinking', 'search']],
    ['gemini-2.5-pro-maxthinking-search', 'gemini-2.5-pro', ['maxthinking', 'search']],
    ['models/Gemini-3-Flash-Preview-NoThinking', 'gemini-3-flash-preview', ['nothinking']],
    ['gemma-4-31b-it', 'gemma-4-31b-it', []],
    ['gemini-embedding-001', 'gemini-embedding-001', []],
  ])('H9: %j is %s with %j', (name, id, variants) => {
    const resolved = catalogue.resolve(name);
    expect(resolved).toMatchObject({ requested: name, id, variants, name: [id, ...variants].join('-') });
    expect(resolved.model.id).toBe(id);
    expect(catalogue.find(name)).toEqual(resolved);
  });

  test.each([
    ['gemini-4-flash', 'gemini-4-flash', []],
    ['gemini-4-flash-nothinking', 'gemini-4-flash', ['nothinking']],
    ['gemini-flash-latest', 'gemini-flash-latest', []],
    ['gemini-2.5-flash-preview-09-2025', 'gemini-2.5-flash-preview-09-2025', []],
    ['gemma-5-9b-it', 'gemma-5-9b-it', []],
    ['learnlm-2.0-flash', 'learnlm-2.0-flash', []],
    ['text-embedding-005', 'text-embedding-005', []],
    ['gemini-2.5-flahs', 'gemini-2.5-flahs', []],
  ])('an id that looks like one of Google’s, %s, goes upstream, but is not listed', (name, id, variants) => {
    expect(catalogue.resolve(name)).toMatchObject({ id, variants });
    expect(catalogue.find(name)).toBeUndefined();
  });
});

describe('names that are not found', () => {
  test.each([
    ['nope'],
    ['gpt-4o'],
    ['gpt-4o-search'],
    ['claude-sonnet-4-5'],
    ['gemini'],
    ['gemini-'],
    ['gemini-/x'],
    ['-search'],
    ['-nothinking-search'],
    ['gemini-2.5-flash-nothinking-maxthinking'],
    ['gemini-2.5-pro-maxthinking-search-nothinking'],
    ['gemini-2.5-pro-search-search'],
    ['gemini-2.5-pro-nothinking-nothinking'],
    ['gemini-9-pro-search-search'],
    ['gemini-embedding-001-nothinking'],
    ['constructor'],
    ['__proto__'],
    ['toString-search'],
  ])('H11, H157: %s is 404 model_not_found', (name) => {
    const error = failureOf(name);
    expect(error).toMatchObject({ code: 'NOT_FOUND', status: 404, reason: 'model_not_found', param: 'model' });
    expect(error.message).toContain(`'${name}'`);
    expect(error.message).toContain('GET /v1/models');
    expect(catalogue.find(name)).toBeUndefined();
  });

  test('T7: the nearest ids are named', () => {
    expect(failureOf('gemni-2.5-flash').message).toContain('gemini-2.5-flash,');
    expect(failureOf('models/2.5-pro').message).toContain('gemini-2.5-pro');
    expect(catalogue.nearest('gemini-2.5-flahs')[0]).toBe('gemini-2.5-flash');
    const painters = catalogue.list().filter(({ outputsImages }) => outputsImages);
    for (const name of ['gemini-9-flash-image', 'gemini-2.5-flash-imgae', 'imagen-9', 'nano-banana-9']) {
      const nearest = catalogue.nearest(name).map((id) => painters.find((model) => model.id === id));
      expect([name, nearest.length > 0, nearest.includes(undefined)]).toEqual([name, true, false]);
    }
    expect(catalogue.nearest('completely-different')).toHaveLength(3);
  });

  test('a wrong id of an embedding model is offered embedding models', () => {
    const embedding = ['gemini-embedding-001', 'gemini-embedding-2-preview'];
    expect(catalogue.nearest('text-embedding-3-small').toSorted()).toEqual(embedding);
    expect(catalogue.nearest('gemini-embeding-001')[0]).toBe('gemini-embedding-001');
    expect(catalogue.nearest('voyage-3', 'embed').toSorted()).toEqual(embedding);
    expect(() => catalogue.resolve('voyage-3', 'embed')).toThrow('The nearest ids: gemini-embedding-');
    expect(() => catalogue.resolve('voyage-3')).toThrow('The nearest ids: gemini-2.5-');
  });

  test('a missing name is said to be missing', () => {
    for (const name of ['', '  ']) {
      expect(failureOf(name)).toMatchObject({ status: 400, reason: 'missing_required_parameter', param: 'model' });
    }
  });

  test.each([
    ['gemini-2.5-flash/../secrets'],
    ['gemini 2.5'],
    ['gemini-2.5-flash?key=x'],
    ['gemini-2.5-flash\r\nx-evil: 1'],
    ['gemini-ü'],
    ['https://evil.example/#'],
    ['%2e%2e'],
    ['g'.repeat(201)],
  ])('S11: %j is no name', (name) => {
    expect(failureOf(name)).toMatchObject({ status: 400, reason: 'invalid_value', param: 'model' });
    expect(failureOf(name).message).not.toContain(name);
    expect(catalogue.find(name)).toBeUndefined();
  });

  test('whatever the name is, it is resolved or refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(gemini-|models\/|-search|-nothinking|\d)*$/)), (name) => {
        try {
          expect(catalogue.resolve(name).requested).toBe(name);
        } catch (error) {
          expect(error).toBeInstanceOf(RelayError);
        }
      }),
    );
  });

  test('R25: a long name is refused quickly', () => {
    const start = processorNow();
    failureOf('-search'.repeat(28));
    failureOf('a'.repeat(200));
    failureOf('models/'.repeat(28));
    expect(processorNow() - start).toBeLessThan(1_000);
  });
});

describe('MODELS', () => {
  const more = createCatalogue(['claude-Sonnet-4-6', 'models/gemini-9-pro', 'gemini-x-search', 'gemini-2.5-pro', '']);

  test('adds ids of any kind, with what their names say of them', () => {
    expect(more.resolve('claude-sonnet-4-6')).toMatchObject({ id: 'claude-Sonnet-4-6' });
    expect(more.resolve('claude-sonnet-4-6').model).toMatchObject({
      family: 'claude',
      generation: 0,
      thinking: undefined,
    });
    expect(more.find('gemini-9-pro')?.model).toMatchObject({ family: '9', generation: 9, search: true });
    expect(more.list().filter(({ id }) => id === 'gemini-2.5-pro')).toHaveLength(1);
    expect(more.list()).toHaveLength(catalogue.list().length + 3);
  });

  test('an id that ends like a suffix is itself', () => {
    expect(more.resolve('gemini-x-search')).toMatchObject({ id: 'gemini-x-search', variants: [] });
    expect(more.resolve('gemini-x-search-nothinking')).toMatchObject({
      id: 'gemini-x-search',
      variants: ['nothinking'],
    });
  });
});

describe('lists', () => {
  const ids = catalogue.listed().map(({ id }) => id);

  test('base models first, then variants that make a difference, each found by its own id', () => {
    expect(ids.slice(0, catalogue.list().length)).toEqual(catalogue.list().map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, model, variants } of catalogue.listed()) {
      expect(catalogue.find(id)).toMatchObject({ id: model.id, name: id, variants });
    }
  });

  test.each([
    ['gemini-2.5-flash-nothinking', true],
    ['gemini-2.5-pro-maxthinking-search', true],
    ['gemini-3-pro-image-preview-search', true],
    ['gemini-2.5-pro-search-maxthinking', false],
    ['gemini-2.5-flash-image-nothinking', false],
    ['gemini-2.5-flash-image-search', false],
    ['gemma-4-31b-it-search', false],
    ['gemini-embedding-001', false],
  ])('%s listed: %s', (id, listed) => {
    expect(ids.includes(id)).toBe(listed);
  });

  test('embedding models are a list of their own', () => {
    expect(catalogue.list('embed').map(({ id }) => id)).toContain('gemini-embedding-001');
    expect(catalogue.list().every(({ kind }) => kind === 'generate')).toBe(true);
  });

  test('every row is complete', () => {
    for (const model of [...catalogue.list(), ...catalogue.list('embed')]) {
      expect(Number.isInteger(model.created)).toBe(true);
      expect(model.inputTokenLimit).toBeGreaterThan(0);
      expect(model.outputTokenLimit).toBeGreaterThan(0);
      expect(model.displayName).not.toBe(model.id);
    }
  });
});

describe('rows guessed from a name', () => {
  const guess = (id: string) => catalogue.resolve(id).model;

  test.each([
    ['gemini-2.0-flash', 2, '2', undefined],
    ['gemini-1.5-pro', 1.5, '1.5', undefined],
    ['gemini-2.5-pro-preview-06-05', 2.5, '2.5', { kind: 'budget', min: 128, off: false }],
    ['gemini-2.5-flash-lite-preview-09-2025', 2.5, '2.5', { kind: 'budget', min: 512, off: true }],
    ['gemini-3.6-flash', 3.6, '3', { kind: 'level', levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] }],
    ['gemini-3.7-flash', 3.7, '3', { kind: 'level', levels: ['LOW', 'MEDIUM', 'HIGH'] }],
    ['gemini-4-pro', 4, '4', { kind: 'level', levels: ['LOW', 'MEDIUM', 'HIGH'] }],
    ['gemini-pro-latest', 3, '3', { kind: 'level', levels: ['LOW', 'MEDIUM', 'HIGH'] }],
    ['gemini-2.5-flash-preview-tts', 2.5, '2.5', undefined],
    ['gemini-3.5-flash-image', 3.5, '3', undefined],
  ])('%s is of generation %d, family %s', (id, generation, family, thinking) => {
    const { thinking: guessed, ...rest } = guess(id);
    expect(rest).toMatchObject({ generation, family });
    if (thinking) expect(guessed).toMatchObject(thinking);
    else expect(guessed).toBeUndefined();
  });

  test('abilities follow the generation', () => {
    expect(guess('gemini-2.5-pro')).toMatchObject({ prefill: true, penalties: true, tools: true });
    expect(guess('gemini-3-pro-preview')).toMatchObject({ prefill: false, penalties: true });
    for (const id of ['gemini-3.5-flash-lite', 'gemini-3.6-flash', 'gemini-3.7-flash', 'gemini-3.8-flash']) {
      expect(guess(id), id).toMatchObject({ prefill: false, penalties: false, sampling: false, candidates: false });
    }
    expect(guess('gemini-3.5-flash')).toMatchObject({
      prefill: false,
      penalties: true,
      sampling: true,
      candidates: true,
    });
    expect(guess('gemini-3-pro-image-preview')).toMatchObject({ outputsImages: true, tools: false, codeAssist: false });
  });
});
