import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/gemini/call.ts';
import { EventReader } from '../../src/gemini/events.ts';
import { eventsOf } from '../support/events.ts';
import { asItIs } from '../../src/upstreams/answer-chunk.ts';
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

const inEnvelope = (inner: object, responseId = 'r', traceId = 't'): string =>
  JSON.stringify({ response: { ...inner, responseId }, traceId });

type Shapes = ReturnType<typeof createEventShapes>;

/** Shapes that have met such an event twice. */
const taught = (payload: string, take: typeof unwrap): Shapes => {
  const shapes = createEventShapes();
  shapes.learn(payload, plainly(payload, take));
  shapes.learn(payload, plainly(payload, take));
  return shapes;
};

/** The chunk of an event in its frame, with others around it. */
const matched = (shapes: Shapes, payload: string, frameEnd = '\r\n\r\n'): Chunk | undefined => {
  const before = ': comment\n\n';
  const text = `${before}data: ${payload}${frameEnd}data: next`;
  const event = shapes.match(text, before.length);
  if (event) expect(text.slice(event.end)).toBe('data: next');
  return event?.chunk;
};

const asParsed = (chunk: Chunk | undefined, payload: string, take: typeof unwrap): void => {
  const { json, value } = plainly(payload, take);
  expect({ json: chunk?.json, value: chunk?.value }).toEqual({ json, value });
};

describe('createEventShapes', () => {
  it('brings what parsing brings, for texts, counts and ids of any kind', () => {
    const shapes = taught(inEnvelope(event('one', 1)), unwrap);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), fc.uuid(), fc.uuid(), (text, count, id, trace) => {
        const payload = inEnvelope(event(text, count), id, trace);
        asParsed(matched(shapes, payload), payload, unwrap);
      }),
    );
  });

  it('knows what a chunk says as its reader says it', () => {
    const text = { kind: 'text', candidate: 0, text: 'x', partIndex: 0 };
    const said = (payload: string) => {
      const chunk = matched(taught(payload, unwrap), payload);
      if (!chunk) throw new Error('no match');
      const { place, text: inside, isPlain } = chunk.more ?? {};
      const events = eventsOf(new EventReader(), { json: chunk.json, value: chunk.value });
      return { more: { ...place, text: inside, isPlain }, events };
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
  });

  it.each([
    ['no text', event('', 1)],
    ['a signature', event('x', 1, { thoughtSignature: 'QUJD' })],
    ['two texts', { candidates: [{ content: { parts: [{ text: 'x' }, { text: 'y' }] } }] }],
    [
      'sources',
      { candidates: [{ content: { parts: [{ text: 'x' }] }, groundingMetadata: { webSearchQueries: ['q'] } }] },
    ],
    ['a call', { candidates: [{ content: { parts: [{ text: 'x' }, { functionCall: { name: 'f' } }] } }] }],
    ['counts alone', { usageMetadata: { promptTokenCount: 9 } }],
  ])('learns nothing of an event with %s', (_what, other) => {
    const payload = inEnvelope(other);
    expect(matched(taught(payload, unwrap), payload)).toBeUndefined();
  });

  it('tells a text and whether it is plain', () => {
    const shapes = taught(inEnvelope(event('one', 1)), unwrap);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const more = matched(shapes, inEnvelope(event(text, 1)))?.more;
        expect(more?.text).toEqual(text === '' ? undefined : text);
        if (more?.isPlain) expect(JSON.stringify(text)).toBe(`"${text}"`);
      }),
    );
    expect(matched(shapes, inEnvelope(event('', 1)))?.more).toBeUndefined();
    expect(matched(shapes, inEnvelope(event('plain é 中', 1)))?.more?.isPlain).toBe(true);
    expect(matched(shapes, inEnvelope(event('not\n', 1)))?.more?.isPlain).toBe(false);
  });

  it('makes a pattern only for what came twice', () => {
    const shapes = createEventShapes();
    const [first, second] = [inEnvelope(event('one', 1)), inEnvelope(event('two', 2), 'r2', 't2')];
    shapes.learn(first, plainly(first, unwrap));
    expect(matched(shapes, second)).toBeUndefined();
    shapes.learn(second, plainly(second, unwrap));
    expect(matched(shapes, first)?.json).toBe(plainly(first, unwrap).json);
  });

  it('knows the frames that Google and others write, and leaves the rest to the reader of lines', () => {
    const payload = inEnvelope(event('one', 1));
    const shapes = taught(payload, unwrap);
    expect(matched(shapes, payload, '\r\n\r\n')).toBeDefined();
    expect(matched(shapes, payload, '\n\n')).toBeDefined();
    for (const end of ['\n', '\r\n', '\r\r', '\r\n\r', '\n\r\n', ' \n\n', ''])
      expect(matched(shapes, payload, end)).toBeUndefined();
    expect(shapes.match(`data:${payload}\n\n`, 0)).toBeUndefined();
    expect(shapes.match(`event: x\ndata: ${payload}\n\n`, 0)).toBeUndefined();
  });

  it('never puts an id where there was none', () => {
    const bare = { candidates: [{ content: { parts: [{ text: 'x' }] } }] };
    const without = JSON.stringify({ response: bare, traceId: '' });
    const withTrace = JSON.stringify({ response: bare, traceId: 't' });
    const shapes = taught(without, unwrap);
    asParsed(matched(shapes, without), without, unwrap);
    expect(matched(shapes, withTrace)).toBeUndefined();
    // The chunk gets the trace id as its own: it does not stand in the payload.
    expect(matched(taught(withTrace, unwrap), withTrace)).toBeUndefined();
  });

  it('takes the envelope off, whatever stands before it', () => {
    const payload = (traceId: string) => JSON.stringify({ traceId, response: event('x', 1) });
    asParsed(matched(taught(payload('a'), unwrap), payload('bcd')), payload('bcd'), unwrap);
  });

  it('reads texts of many escapes, and leaves the longest to the parser', () => {
    const shapes = taught(inEnvelope(event('one', 1)), unwrap);
    const many = inEnvelope(event('\n'.repeat(100_000), 1));
    asParsed(matched(shapes, many), many, unwrap);
    expect(matched(shapes, inEnvelope(event('\n'.repeat(1_000_000), 1)))).toBeUndefined();
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
        // Where the text goes on as another event, the payload ends before.
        const alike = shapes.match(`data: ${payload}\n\n`, 0);
        if (!alike) return;
        asParsed(alike.chunk, payload, unwrap);
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
    for (const other of others) expect(matched(shapes, JSON.stringify(other))).toBeUndefined();
    const two = JSON.stringify(event('two', 2));
    expect(matched(shapes, two)?.value).toEqual(event('two', 2));
    expect(matched(shapes, two.replace(':2,', ':02,'))).toBeUndefined();
    expect(matched(shapes, two.replace(':2,', ':12345678901234567890,'))).toBeUndefined();
  });

  const around = (member: string): string => `{"candidates":[{"content":{"parts":[{"text":"x"}]}}],${member}}`;
  it.each([
    ['names inside of strings', around('"a":"\\"text\\":\\"b\\",\\"nCount\\":1"')],
    ['a name with a quote', around('"c\\"text":"d"')],
    ['a second text elsewhere', around('"other":{"text":"y"}')],
    ['a prototype', '{"__proto__":{"candidates":[{"content":{"parts":[{"text":"x"}]}}]}}'],
    ['a name that stands there twice', '{"candidates":[{"content":{"parts":[{"text":"a","text":"b"}]}}]}'],
    ['the chunk twice', `{"other":${around('"a":1')},"response":${around('"a":1')}}`],
  ])('learns nothing of %s', (_what, payload) => {
    expect(matched(taught(payload, unwrap), payload)).toBeUndefined();
  });

  it('brings what parsing brings for numbers of all kinds', () => {
    const payload = around(
      '"aCount":1.5,"bCount":-1,"cCount":1e3,"dCount":0.5,"eCount":12345678901234567890,"fCount":0',
    );
    asParsed(matched(taught(payload, asItIs), payload), payload, asItIs);
    expect(matched(taught(payload, asItIs), payload.replace('1.5', '2.5'))).toBeUndefined();
    expect(matched(taught(payload, asItIs), payload.replace('"fCount":0', '"fCount":7'))).toBeDefined();
  });

  it('keeps its readings apart', () => {
    const shapes = taught(inEnvelope(event('one', 1)), unwrap);
    const first = matched(shapes, inEnvelope(event('two', 2)));
    const second = matched(shapes, inEnvelope(event('three', 3)));
    expect(first?.value).toEqual(event('two', 2));
    expect(second?.value).toEqual(event('three', 3));
    expect(first?.value).toEqual(event('two', 2));
  });

  it('knows several shapes at a time, and white space', () => {
    const shapes = createEventShapes();
    const payloads = [event('a', 1), event('a', 1, { thought: true }), { ...event('a', 1), modelVersion: 'b' }].map(
      (value) => JSON.stringify({ response: value }, null, 1).replaceAll('\n', ' '),
    );
    for (const payload of [...payloads, ...payloads, ...payloads]) shapes.learn(payload, plainly(payload, unwrap));
    for (const payload of [...payloads, ...payloads]) asParsed(matched(shapes, payload), payload, unwrap);
  });

  it('forgets the oldest of very many', () => {
    const shapes = createEventShapes();
    const payloads = Array.from({ length: 20 }, (_, index) =>
      inEnvelope({ ...event('a', 1), modelVersion: `${index}` }),
    );
    for (const payload of payloads) {
      shapes.learn(payload, plainly(payload, unwrap));
      shapes.learn(payload, plainly(payload, unwrap));
    }
    expect(payloads.map((payload) => matched(shapes, payload) !== undefined)).toEqual(
      payloads.map((_, index) => index >= 4),
    );
  });
});
