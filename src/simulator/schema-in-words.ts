/** A JSON Schema that stands in a text instead of its field: models follow that as well. */
import { partsOf } from './check-contents.ts';
import { fieldsListOf, fieldsOf, isFields, stringOf, type Fields } from './values.ts';

const MENTION = /\bJSON[ -]?schema\b/gi;
/** So far behind its mention a schema may begin. */
const NEAR = 200;

export const schemaInWords = (request: Fields): Fields | undefined => {
  const texts = [fieldsOf(request.systemInstruction), ...fieldsListOf(request.contents)]
    .flatMap(partsOf)
    .map((part) => stringOf(part.text));
  for (const text of texts) {
    for (const mention of text.matchAll(MENTION)) {
      const start = text.indexOf('{', mention.index);
      const found = start === -1 || start > mention.index + NEAR ? undefined : objectAt(text, start);
      if (found) return found;
    }
  }
  return undefined;
};

const objectAt = (text: string, start: number): Fields | undefined => {
  const end = endOfObject(text, start);
  try {
    const value: unknown = JSON.parse(text.slice(start, end));
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** Behind the brace that closes the first one; braces in strings do not count. */
const endOfObject = (text: string, start: number): number => {
  let depth = 0;
  for (const { 0: token, index } of text.slice(start).matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    if (depth === 0) return start + index + 1;
  }
  return start;
};
