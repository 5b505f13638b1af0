import { describe, expect, it } from 'vitest';
import { NOBODY } from '../../../src/callers/caller.ts';
import { findModel, listModels, pageOf } from '../../../src/formats/gemini/models.ts';
import { createCatalogue } from '../../../src/gemini/catalogue.ts';

const catalogue = createCatalogue(['gemini-mine']);
const names = (models: readonly { readonly [field: string]: unknown }[]): unknown[] => models.map(({ name }) => name);

describe('listModels', () => {
  it('has every field that clients read, also of variants', () => {
    const all = listModels(catalogue, [], NOBODY);
    expect(all[0]).toEqual({
      name: 'models/gemini-2.5-pro',
      baseModelId: 'gemini-2.5-pro',
      version: '2.5',
      displayName: 'Gemini 2.5 Pro',
      description: expect.any(String) as string,
      inputTokenLimit: expect.any(Number) as number,
      outputTokenLimit: expect.any(Number) as number,
      supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
      temperature: 1,
      topP: 0.95,
      topK: 64,
      maxTemperature: 2,
      thinking: true,
    });
    expect(names(all)).toContain('models/gemini-mine');
    expect(all.find(({ name }) => name === 'models/gemini-2.5-flash-nothinking-search')).toMatchObject({
      baseModelId: 'gemini-2.5-flash',
      displayName: 'Gemini 2.5 Flash, no thinking, with search',
    });
  });

  it('shows what Google’s own list has, with its numbers, our variants, and gaps filled', () => {
    const live = [
      { name: 'publishers/google/models/gemini-2.5-flash', inputTokenLimit: 5, newField: 'x' },
      { name: 'models/text-embedding-new', supportedGenerationMethods: ['embedContent'], displayName: 'New' },
      { name: 'models/imagen-4', supportedGenerationMethods: ['predict'] },
    ];
    const all = listModels(catalogue, live, NOBODY);
    expect(all[0]).toMatchObject({
      name: 'models/gemini-2.5-flash',
      displayName: 'Gemini 2.5 Flash',
      inputTokenLimit: 5,
      newField: 'x',
      thinking: true,
    });
    expect(all.find(({ name }) => name === 'models/gemini-2.5-flash-search')).toMatchObject({ inputTokenLimit: 5 });
    expect(all[1]).toMatchObject({ ...live[1] });
    expect(names(all)).not.toContain('models/gemini-2.5-pro');
    expect(names(all)).not.toContain('models/imagen-4');
  });
});

describe('findModel', () => {
  it.each(['gemini-2.5-flash', 'models/gemini-2.5-flash', 'GEMINI-2.5-flash', 'google/gemini-2.5-flash'])(
    'finds %s',
    (name) => {
      expect(findModel(catalogue, [], name, NOBODY).name).toBe('models/gemini-2.5-flash');
    },
  );

  it('finds variants in any order', () => {
    expect(findModel(catalogue, [], 'gemini-2.5-flash-search-nothinking', NOBODY).name).toBe(
      'models/gemini-2.5-flash-nothinking-search',
    );
  });

  it('finds what only Google’s list has', () => {
    const live = [{ name: 'models/gemini-brand-new', version: '001' }];
    expect(findModel(catalogue, live, 'gemini-brand-new', NOBODY)).toMatchObject({ ...live[0] });
    expect(findModel(catalogue, live, 'gemini-brand-new-search', NOBODY)).toMatchObject({
      baseModelId: 'gemini-brand-new',
    });
    expect(() => findModel(catalogue, live, 'gemini-2.5-flash', NOBODY)).toThrow(
      'models/gemini-2.5-flash is not found',
    );
  });

  it.each(['gemini-2.5-flsh', 'nope', 'constructor', '../x'])('names %s and the nearest when there is none', (name) => {
    expect(() => findModel(catalogue, [], name, NOBODY)).toThrow(
      expect.objectContaining({
        code: 'NOT_FOUND',
        reason: 'model_not_found',
        message: expect.stringMatching(/^models\/.* is not found\. The nearest: gemini-/) as string,
      }),
    );
  });
});

describe('pageOf', () => {
  const models = Array.from({ length: 120 }, (_, index) => ({ name: `models/${index}` }));
  const page = (pageSize: string, pageToken = '') => pageOf(models, { pageSize, pageToken });

  it('walks through all pages', () => {
    const seen: unknown[] = [];
    let token = '';
    do {
      const { models: some, nextPageToken } = page('', token);
      seen.push(...names(some));
      token = nextPageToken ?? '';
    } while (token !== '');
    expect(seen).toEqual(names(models));
  });

  it.each([
    ['', 50],
    ['0', 50],
    ['7', 7],
    ['120', 120],
    ['5000', 120],
  ])('pageSize %s gives %i', (size, count) => {
    expect(page(size).models).toHaveLength(count);
    expect(page(size).nextPageToken === undefined).toBe(count === 120);
  });

  it.each(['-1', 'x', '1.5', '1e3'])('refuses pageSize %s', (size) => {
    expect(() => page(size)).toThrow(expect.objectContaining({ status: 400, param: 'pageSize' }));
  });

  it.each([
    'x',
    'ZnJvbTowMDUw',
    Buffer.from('from:120').toString('base64url'),
    Buffer.from('from:0').toString('base64url'),
  ])('refuses pageToken %s', (token) => {
    expect(() => page('', token)).toThrow(expect.objectContaining({ status: 400, param: 'pageToken' }));
  });
});
