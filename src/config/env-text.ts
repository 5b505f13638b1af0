/** The text of a `.env`: what it sets. */
import { parseEnv } from 'node:util';

/** Node's own reading, and JSON values as people write them: in any quotes or none, over several lines. */
export const parseEnvText = (text: string): Record<string, string> => {
  const { objects, rest } = takeObjects(text);
  // After `NAME=` and a blank, Node's reader takes the next line for the value.
  const settings = parseEnv(rest.replaceAll(/=[ \t]+$/gm, '=')) as Record<string, string>;
  return { ...settings, ...objects };
};

/** Windows editors and shells write byte order marks, and UTF-16. */
export const decodeEnvText = (bytes: Buffer): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  return bytes.toString('utf8').replace(/^\ufeff/, '');
};

/** The JSON objects by their names, and the text without them: as many lines as before. */
export const takeObjects = (text: string): { readonly objects: Record<string, string>; readonly rest: string } => {
  const objects: Record<string, string> = {};
  let rest = '';
  let at = 0;
  for (const line of text.matchAll(JSON_LINE)) {
    const [whole, name = '', quote = ''] = line;
    const start = line.index + whole.length - 1;
    if (start < at) continue;
    const found = readJson(text.slice(start), quote);
    if (!found) continue;
    objects[name] = found.json;
    // Node's reader gets the text without it: lines inside an object are no variables.
    rest += text.slice(at, start);
    at = start + found.length;
    rest += text.slice(start, at).replaceAll(/[^\n]/g, '');
  }
  return { objects, rest: rest + text.slice(at) };
};

/** A line that gives a variable a value which begins like a JSON object or list. */
const JSON_LINE = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=(?:[ \t]*(["'`]))?\s*[{[]/gm;

/** The JSON that begins this text, and how much of the text it takes; undefined where it is none. */
const readJson = (text: string, quote: string): { readonly json: string; readonly length: number } | undefined => {
  // Within double quotes some write every inner one as \".
  const escaped = quote === '"' && /^[{[]\s*\\"/.test(text.slice(0, 100));
  const source = escaped ? text.replaceAll('\\"', '"') : text;
  const end = endOfObject(source);
  const json = source.slice(0, end);
  if (end === -1 || !isJson(json)) return undefined;
  return { json, length: escaped ? json.replaceAll('"', '\\"').length : end };
};

/** Behind the brace or bracket that closes the first one; those in strings do not count. */
const endOfObject = (text: string): number => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
