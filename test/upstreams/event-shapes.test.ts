import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/gemini/call.ts';
import { EventReader } from '../../src/gemini/events.ts';
import { asItIs } from '../../src/upstreams/answer.ts';
import { unwrap } from '../../src/upstreams/code-assist/envelope.ts';
import { createEventShapes } from '../../src/upstreams/event-shapes.ts';

const plainly = (payload: string, take: typeof unwrap): Chunk =>
  take(payload, JSON.parse(payload) as Readonly<Record<string, unknown>>);

const event = (text: unknown, count: unknown, more: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts: [{ text, ...more }] }, index: 0 }],
  usageMetadata: { promptTokenCount: 9, candidatesTokenCount: count, promptTokensDetails: [{ tokenCount: 9 }] },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'r',
});

const inEnvelope = (inner: object): string => JSON.stringify({ response: { ...inner, responseId: 'r' }, traceId: 't' });

/** Shapes that have been taught two events, the second of which counts. */
const taught = (payload: string, take: typeof unwrap) => {
  const shapes = createEventShapes();
  shapes.learn(payload, plainly(payload, take));
  shapes.learn(payload, plainly(payload, take));
  return shapes;
};

describe('createEventShapes', () => {
  it('brings what parsing brings, for texts and counts of any kind', () => {
    const shapes = taught(inEnvelope(event('one', 1)), unwrap);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, count) => {
        const payload = inEnvelope(event(text, count));
        const { json, value } = plainly(payload, unwrap);
        const alike = shapes.match(payload);
        expect({ json: alike?.json, value: alike?.value }).toEqual({ json, value });
      }),
    );
  });

  it('knows what a chunk says as its reader says it, or not at all', () => {
    const text = { kind: 'text', candidate: 0, text: 'x', partIndex: 0 };
    const said = (payload: string) => {
      const chunk = taught(payload, unwrap).match(payload);
      if (!chunk) throw new Error('no match');
      return { more: chunk.more, events: new EventReader().read({ json: chunk.json, value: chunk.value }) };
    };
    const { more, events } = said(inEnvelope(event('x', 1)));
    expect(more).toEqual({ ...text, isPlain: true, hasUsage: true });
    expect(events).toMatchObject([text, { kind: 'usage' }]);
    expect(said(inEnvelope(event('x', 1, { thought: true }))).more).toMatchObject({ kind: 'thought', text: 'x' });
    const second = { candidates: [{ index: 1, content: { parts: [{}, { text: 'x' }] } }] };
    expect(said(inEnvelope(second)).more).toEqual({
      ...text,
      candidate: 1,
      partIndex: 1,
      isPlain: true,
      hasUsage: false,
    });
    const others = [
      event('', 1),
      event('x', 1, { thoughtSignature: 'QUJD' }),
      { candidates: [{ content: { parts: [{ text: 'x' }, { text: 'y' }] } }] },
      { candidates: [{ content: { parts: [{ text: 'x' }] }, groundingMetadata: { webSearchQueries: ['q'] } }] },
      {
        candidates: [
          { content: { parts: [{ text: 'x' }] } },
          { content: { parts: [{ functionCall: { name: 'f' } }] } },
        ],
      },
      { usageMetadata: { promptTokenCount: 9 } },
    ];
    for (const other of others) expect(said(inEnvelope(other)).more).toBeUndefined();
  });

  it('tells a text and whether it is plain', () => {
    const shapes = taught(inEnvelope(event('one', 1)), unwrap);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const more = shapes.match(inEnvelope(event(text, 1)))?.more;
        expect(more?.text).toEqual(text === '' ? undefined : text);
        if (more?.isPlain) expect(JSON.stringify(text)).toBe(`"${text}"`);
      }),
    );
    expect(shapes.match(inEnvelope(event('', 1)))?.more).toBeUndefined();
    expect(shapes.match(inEnvelope(event('plain é 中', 1)))?.more?.isPlain).toBe(true);
    expect(shapes.match(inEnvelope(event('not\n', 1)))?.more?.isPlain).toBe(false);
  });

  it('never takes what parsing refuses, and never brings anything else than parsing', () => {
    const good = inEnvelope(event('one "two"\n', 17));
    const shapes = taught(good, unwrap);
    const damage = fc.record({
      at: fc.nat(good.length),
      cut: fc.nat(3),
      put: fc.constantFrom('', '"', '\\', '\n', '\u0000', '0', '1.5', '-', ',', '{', '}', '\\u12', '\\x', 'é', 'null'),
    });
    fc.assert(
      fc.property(damage, ({ at, cut, put }) => {
        const payload = good.slice(0, at) + put + good.slice(at + cut);
        const alike = shapes.match(payload);
        if (!alike) return;
        const { json, value } = plainly(payload, unwrap);
        expect({ json: alike.json, value: alike.value }).toEqual({ json, value });
      }),
      { numRuns: 5000 },
    );
  });

  it('leaves to the parser what differs in anything but texts and counts', () => {
    const shapes = taught(JSON.stringify(event('one', 1)), asItIs);
    const others = [
      { ...event('two', 2), promptFeedback: { blockReason: 'SAFETY' } },
      event('two', 2, { thought: true }),
      event('two', 2.5),
      event('two', -2),
      event('two', '2'),
      event(null, 2),
      event('two', 12345678901234567890n.toString()),
      { error: { code: 429 } },
    ];
    for (const other of others) expect(shapes.match(JSON.stringify(other))).toBeUndefined();
    expect(shapes.match(JSON.stringify(event('two', 2)))?.value).toEqual(event('two', 2));
    expect(shapes.match(JSON.stringify(event('two', 2)).replace(':2,', ':02,'))).toBeUndefined();
    expect(shapes.match(JSON.stringify(event('two', 2)).replace(':2,', ':12345678901234567890,'))).toBeUndefined();
  });

  it.each([
    ['a name that stands there twice', '{"candidates":[{"text":"a","text":"b"}]}'],
    ['a prototype', '{"__proto__":{"text":"a"}}'],
    ['names inside of strings', '{"a":"\\"text\\":\\"b\\",\\"nCount\\":1","c\\"text":"d","e":"text","f":"\\\\"}'],
    ['numbers of all kinds', '{"aCount":1.5,"bCount":-1,"cCount":1e3,"dCount":0.5,"eCount":12345678901234567890}'],
  ])('brings what parsing brings for %s', (_what, payload) => {
    const { json, value } = plainly(payload, unwrap);
    const chunk = taught(payload, unwrap).match(payload);
    expect({ json: chunk?.json, value: chunk?.value, more: chunk?.more }).toEqual({ json, value, more: undefined });
  });

  it('learns nothing from a text that stands there twice', () => {
    const payload = '{"other":{"text":"a"},"response":{"text":"a"}}';
    expect(taught(payload, unwrap).match(payload)).toBeUndefined();
  });

  it('keeps its readings apart', () => {
    const shapes = taught(inEnvelope(event('one', 1)), unwrap);
    const first = shapes.match(inEnvelope(event('two', 2)));
    const second = shapes.match(inEnvelope(event('three', 3)));
    expect(first?.value).toEqual(event('two', 2));
    expect(second?.value).toEqual(event('three', 3));
    expect(first?.value).toEqual(event('two', 2));
  });

  it('knows several shapes at a time, and white space', () => {
    const shapes = createEventShapes();
    const payloads = [event('a', 1), event('a', 1, { thought: true }), { candidates: [] }].map((value) =>
      JSON.stringify({ response: value }, null, 1).replaceAll('\n', ' '),
    );
    for (const payload of [...payloads, ...payloads]) shapes.learn(payload, plainly(payload, unwrap));
    for (const payload of [...payloads, ...payloads]) {
      const { json, value } = plainly(payload, unwrap);
      expect(shapes.match(payload)).toMatchObject({ json, value });
    }
  });
});
