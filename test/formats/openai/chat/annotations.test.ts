import { describe, expect, test } from 'vitest';
import { candidate } from '../../../support/gemini-chunk.ts';
import { streamChoice, wholeChoice } from './encoding.ts';
import { processorNow } from '../../../support/machine.ts';

describe('citations', () => {
  const citation = (start_index: number, end_index: number, url: string, title: string) => ({
    type: 'url_citation',
    url_citation: { start_index, end_index, url, title },
  });
  const web = (uri: string, title?: string) => ({ web: { uri, title } });

  test('H85, H145: bytes of the text become characters, one citation for each passage and source', async () => {
    const text = 'é€😀 text';
    const groundingMetadata = {
      groundingChunks: [web('https://a.example/x', 'A'), web('https://b.example/y'), web('https://c.example/z', 'C')],
      groundingSupports: [
        { segment: { endIndex: 5 }, groundingChunkIndices: [0] },
        { segment: { startIndex: 10, endIndex: 14, text: 'text' }, groundingChunkIndices: [0, 1] },
      ],
    };
    const annotations = [
      citation(0, 2, 'https://a.example/x', 'A'),
      citation(5, 9, 'https://a.example/x', 'A'),
      citation(5, 9, 'https://b.example/y', 'b.example'),
      citation(0, 0, 'https://c.example/z', 'C'),
    ];
    const chunks = [
      candidate([{ text: 'é€' }]),
      candidate([{ text: '😀 text' }]),
      candidate([], { groundingMetadata, finishReason: 'STOP' }),
    ];
    const choice = streamChoice(chunks);
    expect(choice.content).toBe(text);
    expect(choice.annotations).toEqual(annotations);
    expect(choice.order).toEqual(['role', 'content', 'annotations', 'finish']);
    expect((await wholeChoice(chunks)).message['annotations']).toEqual(annotations);
  });

  test('no answer becomes many times as long by them, nor takes long', () => {
    const groundingMetadata = {
      groundingChunks: [
        web('https://a.example/' + 'x'.repeat(4000), 'A'),
        web('https://b.example/' + 'y'.repeat(1e6), 'B'),
      ],
      groundingSupports: Array.from({ length: 20_000 }, (_, at) => ({
        segment: { startIndex: at, endIndex: at + 1, text: 'ab' },
        groundingChunkIndices: [0, 1],
      })),
    };
    const started = processorNow();
    const { annotations } = streamChoice([
      candidate([{ text: 'ab '.repeat(20_000) }]),
      candidate([], { groundingMetadata, finishReason: 'STOP' }),
    ]);
    expect(annotations).toHaveLength(1000);
    expect(JSON.stringify(annotations).length).toBeLessThan(8 * JSON.stringify(groundingMetadata).length);
    expect(processorNow() - started).toBeLessThan(2000);
  });

  test('sources that come in several pieces are all told', async () => {
    const piece = (uri: string) => ({ groundingMetadata: { groundingChunks: [web(uri, uri)] } });
    const chunks = [
      candidate([{ text: 'a' }], piece('https://a.example')),
      candidate([{ text: 'b' }], { ...piece('https://b.example'), finishReason: 'STOP' }),
    ];
    const annotations = [
      citation(0, 0, 'https://a.example', 'https://a.example'),
      citation(0, 0, 'https://b.example', 'https://b.example'),
    ];
    expect(streamChoice(chunks).annotations).toEqual(annotations);
    expect((await wholeChoice(chunks)).message['annotations']).toEqual(annotations);
  });

  test('the source of a picture is the page that it stands on', async () => {
    const image = { sourceUri: 'https://page.example', imageUri: 'https://i.example/a.png', title: 'A page' };
    const groundingMetadata = { groundingChunks: [{ image }, { image: { imageUri: 'https://i.example/b.png' } }] };
    const { message } = await wholeChoice([candidate([{ text: 'a' }], { groundingMetadata, finishReason: 'STOP' })]);
    expect(message['annotations']).toEqual([
      citation(0, 0, 'https://page.example', 'A page'),
      citation(0, 0, 'https://i.example/b.png', 'i.example'),
    ]);
  });

  test('a segment counts within its part', async () => {
    const parts = [{ text: 'plan', thought: true }, { text: 'ééé ' }, { text: 'fact.' }];
    const groundingMetadata = {
      groundingChunks: [web('https://a.example', 'A')],
      groundingSupports: [{ segment: { partIndex: 2, startIndex: 0, endIndex: 4 }, groundingChunkIndices: [0] }],
    };
    const { message } = await wholeChoice([candidate(parts, { groundingMetadata, finishReason: 'STOP' })]);
    expect(message['annotations']).toEqual([citation(4, 8, 'https://a.example', 'A')]);
  });

  test('the words of a passage decide where something of ours stands between', async () => {
    const parts = [{ text: 'one ' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }, { text: 'two' }];
    const groundingMetadata = {
      groundingChunks: [web('https://a.example', 'A')],
      groundingSupports: [{ segment: { startIndex: 4, endIndex: 7, text: 'two' }, groundingChunkIndices: [0] }],
    };
    const { message } = await wholeChoice([candidate(parts, { groundingMetadata, finishReason: 'STOP' })], {
      imagesAs: 'markdown',
    });
    const [annotation] = message['annotations'] as { url_citation: { start_index: number; end_index: number } }[];
    const { start_index, end_index } = annotation?.url_citation ?? { start_index: 0, end_index: 0 };
    expect((message['content'] as string).slice(start_index, end_index)).toBe('two');
  });

  test.each(['citationSources', 'citations'])('recited passages, as %s', async (key) => {
    const citationMetadata = { [key]: [{ startIndex: 2, endIndex: 5, uri: 'https://r.example/1' }, { endIndex: 3 }] };
    const { message } = await wholeChoice([
      candidate([{ text: 'é quoted' }], { citationMetadata, finishReason: 'STOP' }),
    ]);
    expect(message['annotations']).toEqual([citation(1, 4, 'https://r.example/1', 'r.example')]);
  });

  test('odd places do no harm', async () => {
    const groundingMetadata = {
      groundingChunks: [{}, web('not a url')],
      groundingSupports: [
        { segment: { startIndex: 90, endIndex: 99, text: 'nowhere' }, groundingChunkIndices: [0, 1, 7] },
        {},
      ],
    };
    const { message } = await wholeChoice([candidate([{ text: 'abc' }], { groundingMetadata, finishReason: 'STOP' })]);
    expect(message['annotations']).toEqual([citation(3, 3, 'not a url', 'not a url')]);
  });
});
