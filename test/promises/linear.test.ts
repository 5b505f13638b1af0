/** R25: no text makes a pattern of the sources search for longer than its length explains. */
import { expect, test } from 'vitest';
import { attacksOn, findPatterns } from './patterns.ts';
import type { Pattern } from './patterns.ts';
import { processorNow } from '../support/machine.ts';

/** Of 40 000 letters at most: a pattern that looks 64 letters ahead takes a third of it, a quadratic one many times as much. */
const MOST_MS = 60;
/** In small steps at first: what grows like a power of two would not come to an end with a long text. */
const LENGTHS = [24, 28, 32, 40, 100, 3000, 40_000];

/** Where patterns are put together: of escaped words, one beside the other, or of addresses and headers, which Node bounds to 16 KiB. */
const MADE = [
  'diagnosis/port-owner.ts',
  'formats/gemini/address.ts',
  ...Array<string>(13).fill('formats/gemini/kept/address.ts'),
  'formats/openai/audio/wav.ts',
  'formats/openai/paths.ts',
  'formats/openai/unsupported.ts',
  'http/route-name.ts',
  'json.ts',
  'redactor.ts',
  'settings/layers.ts',
  'terminal/wrap.ts',
  'upstreams/event-shapes.ts',
  'upstreams/event-shapes.ts',
];

const { literals, made } = findPatterns();

/** Of the processor: the machine may be busy elsewhere. */
const msFor = ({ source, flags }: Pattern, text: string): number => {
  const pattern = new RegExp(source, flags);
  const before = processorNow();
  text.replace(pattern, '');
  return processorNow() - before;
};

/** The first text that takes too long, and how long. */
const slowOn = (pattern: Pattern): string | undefined => {
  for (const length of LENGTHS) {
    for (const text of attacksOn(pattern, length)) {
      let ms = msFor(pattern, text);
      if (ms > MOST_MS) ms = Math.min(ms, msFor(pattern, text));
      if (ms > MOST_MS) {
        return `${pattern.place} /${pattern.source}/${pattern.flags}: ${ms.toFixed(0)} ms for ${text.length} letters like ${JSON.stringify(text.slice(0, 60))}`;
      }
    }
  }
  return undefined;
};

test('R25: no regular expression of the sources takes more than linear time', () => {
  expect(literals.length).toBeGreaterThan(150);
  expect(literals.map(slowOn).filter((problem) => problem !== undefined)).toEqual([]);
}, 180_000);

test('R25: the search finds patterns that are not linear', () => {
  const bad = ['^(a+)+$', '\\s+$', '!\\[[^\\]]*\\]\\((data:image\\/[^)\\s]+)\\)', 'eyJ[\\w-]{8,}\\.eyJ'];
  for (const source of bad) expect(slowOn({ place: '', source, flags: 'g' }), source).toBeDefined();
}, 180_000);

test('R25: patterns that are put together stand where somebody has looked at them', () => {
  expect(made).toEqual(MADE);
});
