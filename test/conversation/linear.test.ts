/** R25: loops over what a client or Google lists. As many as a body may hold; what looks at each for each takes seconds. */
import { expect, test } from 'vitest';
import { AnswerText } from '../../src/conversation/answer-text.ts';
import { codeBlock } from '../../src/conversation/blocks.ts';
import { groundingCitations } from '../../src/conversation/citations.ts';
import { ToolList } from '../../src/conversation/tools.ts';
import { PairedCalls } from '../../src/conversation/paired-calls.ts';
import type { PairedCall } from '../../src/conversation/paired-calls.ts';
import type { Chunk } from '../../src/gemini/call.ts';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import { withNeededSignatures } from '../../src/gemini/signature-stand-ins.ts';
import { createSignatureCache, SIGNATURE_LIMITS } from '../../src/gemini/signatures.ts';
import { wholeAnswer } from '../../src/formats/gemini/whole-answer.ts';
import { Namespaces } from '../../src/formats/openai/responses/namespaces.ts';
import { takeOver } from '../../src/formats/anthropic/messages/own-tools.ts';
import { createIgnored } from '../../src/conversation/ignored.ts';
import { createSystem } from '../../src/system.ts';
import { processorNow } from '../support/machine.ts';

const MANY = 60_000;
const MOST_MS = 1000;

const msOf = (work: () => void): number => {
  const before = processorNow();
  work();
  return processorNow() - before;
};

test.each([
  ['by one id for all', 'a', undefined],
  ['by name', undefined, 'f'],
  ['by nothing', undefined, undefined],
])('R25: answers find their calls %s', (_how, id, name) => {
  for (const together of [1, MANY]) {
    const calls = new PairedCalls();
    const all = Array.from({ length: MANY }, (): PairedCall => ({
      call: { id: 'a', name: 'f', args: {}, sentArgs: '{}', signature: undefined },
    }));
    const answer = { id, name, response: {}, media: [] };
    const ms = msOf(() => {
      for (let at = 0; at < MANY; at += together) calls.add(all.slice(at, at + together));
      for (let count = 0; count < MANY; count += 1) {
        const call = calls.find(answer);
        if (call) call.answer = answer;
      }
    });
    expect(ms).toBeLessThan(MOST_MS);
    expect(all.at(-1)?.answer).toBe(answer);
  }
});

test('R25: pictures of a painting model are signed', () => {
  const parts = Array.from({ length: MANY }, () => ({ inlineData: { mimeType: 'image/png', data: '' } }));
  const { model } = createCatalogue([]).resolve('gemini-3-pro-image-preview');
  let signed: readonly unknown[] | undefined;
  expect(msOf(() => (signed = withNeededSignatures([{ role: 'model', parts }], model)[0]?.parts))).toBeLessThan(
    MOST_MS,
  );
  expect(signed?.at(-1)).toHaveProperty('thoughtSignature');
});

test('R25: code that holds fences of every length', () => {
  const code = Array.from({ length: 1000 }, (_, index) => `${'`'.repeat(index)}\n`).join('');
  let block = '';
  expect(msOf(() => (block = codeBlock('PYTHON', code)))).toBeLessThan(MOST_MS);
  expect(block.startsWith(`${'`'.repeat(1000)}python\n`)).toBe(true);
});

test('R25: a thousand passages of a long answer that stand elsewhere than Google says', () => {
  const content = new AnswerText();
  content.text(`中${'a'.repeat(390_000)}`, 0);
  const text = `b${'a'.repeat(1000)}`;
  const groundingSupports = Array.from({ length: 1000 }, (_, index) => ({
    segment: { startIndex: 300 * index, endIndex: 300 * index + 3, text },
    groundingChunkIndices: [0],
  }));
  const metadata = { groundingChunks: [{ web: { uri: 'https://example.com' } }], groundingSupports };
  let found = 0;
  expect(msOf(() => (found = groundingCitations(metadata, content).length))).toBeLessThan(MOST_MS);
  expect(found).toBe(1000);
});

test('R25: a built-in tool that is named again and again, each time with another setting', () => {
  const tools = new ToolList();
  const ms = msOf(() => {
    for (let at = 0; at < 20_000; at += 1) tools.addBuiltIn({ googleSearch: { [`k${at}`]: at } });
    expect(Object.keys(tools.all().builtIns[0]?.googleSearch ?? {})).toHaveLength(20_000);
  });
  expect(ms).toBeLessThan(MOST_MS);
});

test('R25: many signatures that Google refuses, where many are remembered', () => {
  const cache = createSignatureCache(SIGNATURE_LIMITS, createSystem());
  const signatureOf = (at: number): string => Buffer.from(`signature ${at}`.repeat(20)).toString('base64');
  for (let at = 0; at < SIGNATURE_LIMITS.entries; at += 1) cache.learn(`place ${at}`, signatureOf(at), '3');
  const refused = Array.from({ length: 5000 }, (_none, at) => signatureOf(2 * at));
  expect(
    msOf(() => {
      cache.forget(refused);
    }),
  ).toBeLessThan(MOST_MS);
  expect(cache.size()).toBe(SIGNATURE_LIMITS.entries - refused.length);
});

test('R25: calls of a tool in a namespace whose name many others have taken', () => {
  const taken = Array.from({ length: 1500 }, (_none, at) => `a__b${'_'.repeat(at)}`);
  const namespaces = new Namespaces(new Set(taken));
  let joined = '';
  const ms = msOf(() => {
    for (let at = 0; at < 6000; at += 1) joined = namespaces.join('a', 'b');
  });
  expect(ms).toBeLessThan(MOST_MS);
  expect(joined).toBe(`a__b${'_'.repeat(1500)}`);
});

test('R25: tools of the server beside as many functions', () => {
  const names = Array.from({ length: 30_000 }, (_none, at) => `f${at}`);
  const functions = names.map((name) => ({
    ...{ name, description: undefined, schema: {}, wrapped: false, custom: false, strict: false },
  }));
  const declared = { ...new ToolList().all(), functions };
  const server = new Map(names.map((name) => [`s${name}`, { tool: { googleSearch: {} }, maxUses: undefined }]));
  const { model } = createCatalogue([]).resolve('gemini-2.5-flash');
  let own = 0;
  const ms = msOf(() => {
    own = takeOver({ declared, server, search: undefined, isEither: true }, model, createIgnored()).own?.size ?? 0;
  });
  expect(ms).toBeLessThan(MOST_MS);
  expect(own).toBe(30_000);
});

test('R25: a whole answer that comes in many pieces', async () => {
  const one = '{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]}}]}';
  const chunks = Array.from({ length: 30_000 }, () => ({ json: one, value: JSON.parse(one) as Chunk['value'] }));
  const before = processorNow();
  const { value } = await wholeAnswer([chunks], () => undefined);
  expect(processorNow() - before).toBeLessThan(MOST_MS);
  expect(value.candidates?.[0]?.content?.parts).toHaveLength(30_000);
});
