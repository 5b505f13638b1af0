import { expect, test } from 'vitest';
import type { Chunk } from '../../../src/gemini/call.ts';
import { wholeAnswer } from '../../../src/formats/gemini/whole-answer.ts';
import { RelayError } from '../../../src/errors.ts';

const toChunk = (json: string): Chunk => ({ json, value: JSON.parse(json) as Chunk['value'] });

const answerOf = async function* (...batches: readonly (readonly string[])[]): AsyncGenerator<readonly Chunk[]> {
  for (const batch of batches) yield await Promise.resolve(batch.map(toChunk));
};

const nothing = (): void => undefined;

test('one chunk stays the text that Google wrote', async () => {
  const json = '{ "candidates": [ {"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"} ], "x": 1.0 }';
  expect((await wholeAnswer(answerOf([json]), nothing)).json).toBe(json);
});

test('several are put together: parts in order, the last of all else, arguments as written', async () => {
  const { json } = await wholeAnswer(
    answerOf(
      [
        '{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]}}],"usageMetadata":{"totalTokenCount":1}}',
        '{"candidates":[{"index":0,"content":{"parts":[{"functionCall":{"name":"f","args":{"n":9007199254740993,"1":1.0}}}]}},' +
          '{"index":1,"content":{"parts":[{"text":"second"}]}}]}',
      ],
      [
        '{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}],"usageMetadata":{"totalTokenCount":3}}',
      ],
    ),
    nothing,
  );
  expect(json).toContain('"args":{"n":9007199254740993,"1":1.0}');
  expect(JSON.parse(json)).toMatchObject({
    candidates: [
      {
        content: { role: 'model', parts: [{ text: 'a' }, { functionCall: { name: 'f' } }, { text: 'b' }] },
        finishReason: 'STOP',
      },
      { content: { parts: [{ text: 'second' }] } },
    ],
    usageMetadata: { totalTokenCount: 3 },
  });
});

test('nothing is an error, not an empty answer', async () => {
  await expect(wholeAnswer(answerOf(), nothing)).rejects.toThrow(RelayError);
});
