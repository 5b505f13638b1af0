import { tokensOfSound } from './sound.ts';
import { fieldsListOf, fieldsOf, stringOf, type Fields } from './values.ts';

/** Four bytes of UTF-8 are a token here, and a picture is 258, as with Google's small tiles. */
const BYTES_PER_TOKEN = 4;
const TOKENS_PER_BLOB = 258;

export const tokensOfText = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

export const tokensOfPart = (part: Fields): number => {
  if (part.text !== undefined) return tokensOfText(stringOf(part.text));
  if (part.inlineData !== undefined || part.fileData !== undefined) return tokensOfSound(part) ?? TOKENS_PER_BLOB;
  const { thoughtSignature, ...rest } = part;
  return tokensOfText(JSON.stringify(rest));
};

const tokensOfContent = (content: Fields): number =>
  fieldsListOf(content.parts).reduce((sum, part) => sum + tokensOfPart(part), 0);

export const tokensOfRequest = (request: Fields): number =>
  [fieldsOf(request.systemInstruction), ...fieldsListOf(request.contents)].reduce(
    (sum, content) => sum + tokensOfContent(content),
    request.tools === undefined ? 0 : tokensOfText(JSON.stringify(request.tools)),
  );

/** Text cut to so many tokens, never inside a character. */
export const cutToTokens = (text: string, tokens: number): string => {
  let bytes = 0;
  let cut = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > tokens * BYTES_PER_TOKEN) return cut;
    cut += character;
  }
  return cut;
};
