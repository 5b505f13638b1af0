import { hasTool } from './check-tools.ts';
import { stringOf, type Fields } from './values.ts';

const SOURCES = [
  { web: { uri: 'https://example.com/one', title: 'example.com' } },
  { web: { uri: 'https://example.org/two', title: 'example.org' } },
];

/** Google counts in bytes of UTF-8, not in characters, and leaves out a zero. */
const segment = (text: string, from: number, to: number): Fields => {
  const startIndex = Buffer.byteLength(text.slice(0, from));
  return {
    ...(startIndex > 0 && { startIndex }),
    endIndex: Buffer.byteLength(text.slice(0, to)),
    text: text.slice(from, to),
  };
};

/** What the built-in tools leave beside the text. */
export const groundingFor = (request: Fields, parts: readonly Fields[], question: string): Fields => {
  const text = parts.map((part) => stringOf(part.text)).join('');
  const urls = hasTool(request, 'urlContext') ? (question.match(/https?:\/\/[^\s"]+/g) ?? []) : [];
  const middle = Math.max(text.indexOf('. ') + 1, 1);
  return {
    ...(hasTool(request, 'googleSearch') &&
      text !== '' && {
        groundingMetadata: {
          webSearchQueries: [question.slice(0, 80)],
          searchEntryPoint: { renderedContent: '<div class="container">simulated search</div>' },
          groundingChunks: SOURCES,
          groundingSupports: [
            { segment: segment(text, 0, middle), groundingChunkIndices: [0] },
            ...(middle < text.length
              ? [{ segment: segment(text, middle, text.length), groundingChunkIndices: [0, 1] }]
              : []),
          ],
        },
      }),
    ...(urls.length > 0 && {
      urlContextMetadata: {
        urlMetadata: urls.map((retrievedUrl) => ({
          retrievedUrl,
          urlRetrievalStatus: 'URL_RETRIEVAL_STATUS_SUCCESS',
        })),
      },
    }),
  };
};
