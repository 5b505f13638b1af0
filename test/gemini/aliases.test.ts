import { describe, expect, test } from 'vitest';
import { DEFAULT_ALIASES, withAliases } from '../../src/gemini/aliases.ts';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import type { Model } from '../../src/gemini/catalogue.ts';
import { processorNow } from '../support/machine.ts';

const plain = createCatalogue([]);
const everywhere = (): boolean => true;

describe('without a setting', () => {
  const catalogue = withAliases(plain, DEFAULT_ALIASES, everywhere);

  test.each([
    ['claude-opus-5', 'gemini-3.1-pro-preview'],
    ['claude-opus-4-8[1m]', 'gemini-3.1-pro-preview'],
    ['Claude-Opus-4-5-20251101', 'gemini-3.1-pro-preview'],
    ['claude-fable-5', 'gemini-3.1-pro-preview'],
    ['claude-mythos-5-1', 'gemini-3.1-pro-preview'],
    ['claude-3-5-haiku-20241022', 'gemini-3.5-flash-lite'],
    ['claude-sonnet-5', 'gemini-3.8-flash'],
    ['models/claude-sonnet-5[1m]', 'gemini-3.8-flash'],
    ['claude-opus-5-search-nothinking', 'gemini-3.1-pro-preview-nothinking-search'],
    ['claude-sonnet-5[1m]-maxthinking', 'gemini-3.8-flash-maxthinking'],
  ])('%s is served by %s, and keeps its name', (asked, name) => {
    expect(catalogue.resolve(asked)).toMatchObject({ requested: asked, name, isAlias: true });
    expect(catalogue.find(asked)).toMatchObject({ name });
  });

  test('other names are what they were', () => {
    expect(catalogue.resolve('gemini-2.5-flash')).toEqual(plain.resolve('gemini-2.5-flash'));
    for (const name of ['gpt-4o', 'anthropic/claude-opus-5', 'my-claude-opus', 'claude-'.repeat(40)]) {
      expect(() => catalogue.resolve(name), name).toThrow(/does not exist|no name of a model/);
    }
  });

  test('the newest is one that the door has, as it is at this moment', () => {
    let lacks = 'gemini-3.8-flash';
    const moving = withAliases(plain, DEFAULT_ALIASES, ({ id }: Model) => id !== lacks);
    expect(moving.resolve('claude-sonnet-5').id).toBe('gemini-3.7-flash');
    lacks = '';
    expect(moving.resolve('claude-sonnet-5').id).toBe('gemini-3.8-flash');
  });
});

describe('as set', () => {
  const catalogue = withAliases(
    plain,
    [
      { asked: 'gpt-*-mini', served: 'gemini-3.1-flash-lite' },
      { asked: 'gpt-*', served: 'gemini-3.8-flash' },
      { asked: 'fast', served: 'gemini-2.5-flash-nothinking' },
      { asked: 'deep-search', served: 'gemini-2.5-pro' },
      { asked: 'gemini-2.5-pro', served: 'gemini-3.1-pro-preview' },
      { asked: 'text-embedding-*', served: 'gemini-embedding-001' },
      { asked: 'lost', served: 'no-model' },
    ],
    everywhere,
  );

  test.each([
    ['gpt-5-mini', 'gemini-3.1-flash-lite'],
    ['gpt-5-mini-nothinking', 'gemini-3.1-flash-lite-nothinking'],
    ['openai/gpt-5', 'gemini-3.8-flash'],
    ['fast', 'gemini-2.5-flash-nothinking'],
    ['fast-nothinking', 'gemini-2.5-flash-nothinking'],
    ['fast-search', 'gemini-2.5-flash-nothinking-search'],
    ['deep-search', 'gemini-2.5-pro'],
    ['gemini-2.5-pro', 'gemini-3.1-pro-preview'],
    ['text-embedding-3-small', 'gemini-embedding-001'],
  ])('%s is served by %s', (asked, name) => {
    expect(catalogue.resolve(asked)).toMatchObject({ requested: asked, name, isAlias: true });
  });

  test('an alias leads to one model, not on to another alias; one that leads nowhere is a 404', () => {
    expect(catalogue.resolve('deep-search').id).toBe('gemini-2.5-pro');
    expect(() => catalogue.resolve('lost')).toThrow("'no-model' does not exist");
    expect(() => catalogue.resolve('fast-maxthinking')).toThrow('exclude each other');
    expect(() => catalogue.resolve('claude-opus-5')).toThrow('does not exist');
  });

  test('R25: many stars and a long name are quick', () => {
    const many = withAliases(plain, [{ asked: `${'a*'.repeat(90)}b`, served: 'gemini-2.5-pro' }], everywhere);
    const start = processorNow();
    for (let index = 0; index < 50; index += 1) expect(() => many.resolve(`${'a'.repeat(190)}${index}`)).toThrow();
    expect(processorNow() - start).toBeLessThan(1000);
  });
});
