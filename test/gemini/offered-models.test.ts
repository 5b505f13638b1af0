import { describe, expect, test } from 'vitest';
import { NOBODY } from '../../src/callers/caller.ts';
import { RelayError } from '../../src/errors.ts';
import type { ModelInfo, Upstream } from '../../src/gemini/call.ts';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import { askForModels, findOffered, offeredModels } from '../../src/gemini/offered-models.ts';

const catalogue = createCatalogue(['gemini-mine']);
const idsOf = (live: readonly ModelInfo[], from = catalogue): readonly string[] =>
  offeredModels(from, live, NOBODY).map(({ id }) => id);

describe('what is offered', () => {
  test('the whole catalogue where the upstream has no list', () => {
    const ids = idsOf([]);
    expect(ids).toEqual(expect.arrayContaining(['gemini-2.5-pro', 'gemini-embedding-001', 'gemini-mine']));
    expect(new Set(ids)).toEqual(new Set([...catalogue.listed(), ...catalogue.all()].map((listed) => listed.id)));
    expect(ids.indexOf('gemini-embedding-001')).toBeLessThan(ids.indexOf('gemini-2.5-pro-search'));
  });

  test('what the upstream lists, with variants, and what MODELS names', () => {
    const live: readonly ModelInfo[] = [
      { name: 'models/gemini-2.5-flash', inputTokenLimit: 5 },
      { name: 'models/gemini-2.5-flash' },
      { name: 'publishers/google/models/gemini-4-flash' },
      { name: 'models/gemini-embedding-001', supportedGenerationMethods: ['embedContent'] },
      { name: 'models/imagen-4.0-generate-001', supportedGenerationMethods: ['predict'] },
      { name: 'models/aqa', supportedGenerationMethods: ['generateAnswer'] },
    ];
    expect(idsOf(live)).toEqual([
      'gemini-2.5-flash',
      'gemini-4-flash',
      'gemini-embedding-001',
      'gemini-mine',
      ...['nothinking', 'maxthinking', 'search', 'nothinking-search', 'maxthinking-search'].map(
        (variants) => `gemini-2.5-flash-${variants}`,
      ),
      ...['nothinking', 'maxthinking', 'search', 'nothinking-search', 'maxthinking-search'].map(
        (variants) => `gemini-4-flash-${variants}`,
      ),
      'gemini-mine-search',
    ]);
    const [flash] = offeredModels(catalogue, live, NOBODY);
    expect(flash?.info).toBe(live[0]);
    expect(findOffered(catalogue, live, 'gemini-2.5-flash-search', NOBODY)?.info).toBe(live[0]);
  });

  test('a model of the catalogue that MODELS names stays, whatever the list says', () => {
    const named = createCatalogue(['gemini-2.5-pro', 'gemini-2.5-pro', '']);
    expect(named.configured().map(({ id }) => id)).toEqual(['gemini-2.5-pro']);
    expect(idsOf([{ name: 'models/gemma-4-31b-it' }], named)).toContain('gemini-2.5-pro');
  });

  test('everything that is offered can be called by its name', () => {
    const live: readonly ModelInfo[] = [{ name: 'models/gemini-4-flash' }, { name: 'models/nobody-knows' }];
    for (const { id, model, variants } of [
      ...offeredModels(catalogue, live, NOBODY),
      ...offeredModels(catalogue, [], NOBODY),
    ]) {
      expect(catalogue.resolve(id)).toMatchObject({ id: model.id, variants });
    }
  });
});

describe('one model', () => {
  const live: readonly ModelInfo[] = [{ name: 'models/gemini-2.5-flash' }];

  test.each([
    ['gemini-2.5-flash', 'gemini-2.5-flash'],
    ['models/Gemini-2.5-Flash', 'gemini-2.5-flash'],
    ['gemini-2.5-flash-search-nothinking', 'gemini-2.5-flash-nothinking-search'],
    ['google/gemini-2.5-flash-maxthinking', 'gemini-2.5-flash-maxthinking'],
  ])('%s is %s', (name, id) => {
    expect(findOffered(catalogue, live, name, NOBODY)?.id).toBe(id);
  });

  test.each(['gemini-2.5-pro', 'gemini-2.5-pro-search', 'gemini-4-flash', 'nope', ''])('%j is not offered', (name) => {
    expect(findOffered(catalogue, live, name, NOBODY)).toBeUndefined();
  });

  test('a variant that makes no difference is found, and in no list', () => {
    const gemma = [{ name: 'models/gemma-4-31b-it' }];
    expect(findOffered(catalogue, gemma, 'gemma-4-31b-it-nothinking', NOBODY)).toMatchObject({
      variants: ['nothinking'],
    });
    expect(idsOf(gemma)).not.toContain('gemma-4-31b-it-nothinking');
  });
});

describe('asking the upstream', () => {
  const failing = (error: Error): Upstream => {
    const refuse = () => Promise.reject(error);
    return { generate: refuse, countTokens: refuse, embed: refuse, models: refuse };
  };
  const signal = new AbortController().signal;

  test('a passing trouble leaves the catalogue', async () => {
    expect(await askForModels(failing(new RelayError('UNAVAILABLE', 'later')), NOBODY, signal)).toEqual([]);
  });

  test.each([
    new RelayError('UNAVAILABLE', 'log in', { reason: 'login_required', retryable: false }),
    new RelayError('INVALID_ARGUMENT', 'wrong'),
    new Error('a bug'),
  ])('what the owner must fix is told: %s', async (error) => {
    await expect(askForModels(failing(error), NOBODY, signal)).rejects.toBe(error);
  });
});
