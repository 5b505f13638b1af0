/**
 * Whether an answer of Google's is what its types say (`gemini/types.ts`), as far as the relay reads it: looked at once,
 * where it comes in, so that everybody behind may believe the types. `null` is what protobuf's JSON has for absent, and
 * what nobody reads is left alone.
 */
import { isObject } from '../json.ts';
import { LONGEST_NAME } from '../json/large-limits.ts';
import { isDeeperThan } from '../json/reader.ts';

/** Undefined where all is well, else the path of what is not, from here on. */
type Look = (value: unknown) => string | undefined;

/** What `typeof` says of it, or a closer look. */
type Check = 'string' | 'number' | 'boolean' | Look;

const text = 'string';
const number = 'number';
const flag = 'boolean';
/** Told from others by the engine in no more time than its length explains. */
const label: Look = (value) => (typeof value === 'string' && value.length <= LONGEST_NAME ? undefined : '');
const place: Look = (value) => (Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : '');
const someList: Look = (value) => (Array.isArray(value) ? undefined : '');

const object = (members: Readonly<Record<string, Check>> = {}): Look => {
  const checks = new Map(Object.entries(members));
  return (value) => {
    if (!isObject(value)) return '';
    for (const name in value) {
      const check = checks.get(name);
      const member = value[name];
      if (check === undefined || member === null) continue;
      const wrong = typeof check === 'function' ? check(member) : typeof member === check ? undefined : '';
      if (wrong !== undefined) return `.${name}${wrong}`;
    }
    return undefined;
  };
};

const list =
  (check: Check): Look =>
  (value) => {
    if (!Array.isArray(value)) return '';
    for (let index = 0; index < value.length; index += 1) {
      const element: unknown = value[index];
      const wrong = typeof check === 'function' ? check(element) : typeof element === check ? undefined : '';
      if (wrong !== undefined) return `[${index}]${wrong}`;
    }
    return undefined;
  };

const someObject: Look = (value) => (isObject(value) ? undefined : '');

/** As deep as the relay takes JSON from anybody: what writes them walks them with a stack. */
const DEEPEST_ARGS = 190;

const args: Look = (value) => someObject(value) ?? (isDeeperThan(value, DEEPEST_ARGS) ? '' : undefined);

const part = object({
  text,
  thought: flag,
  thoughtSignature: text,
  inlineData: object({ mimeType: text, data: text }),
  functionCall: object({ id: label, name: label, args, willContinue: flag, partialArgs: list(someObject) }),
  executableCode: object({ language: text, code: text }),
  codeExecutionResult: object({ outcome: text, output: text }),
});

const source = object({ uri: text, title: text, domain: text });

const image = object({ sourceUri: text, imageUri: text, title: text, domain: text });

const passage = { partIndex: number, startIndex: number, endIndex: number, text } as const;

const grounding = object({
  groundingChunks: list(object({ web: source, retrievedContext: source, maps: source, image })),
  groundingSupports: list(object({ segment: object(passage), groundingChunkIndices: list(number) })),
});

const citations = list(object({ ...passage, uri: text, title: text }));

const token = object({ token: text, logProbability: number });

const answer = object({
  candidates: list(
    object({
      index: place,
      content: object({ parts: list(part) }),
      finishReason: text,
      finishMessage: text,
      groundingMetadata: grounding,
      citationMetadata: object({ citationSources: citations, citations }),
      logprobsResult: object({
        chosenCandidates: list(token),
        topCandidates: list(object({ candidates: list(token) })),
      }),
    }),
  ),
  promptFeedback: object({ blockReason: text, blockReasonMessage: text }),
  usageMetadata: someObject,
});

/** A native client gets what Google wrote, and judges for itself: the relay reads where the answer ends, and its counts. */
const nativeAnswer = object({
  candidates: list(object({ index: place, content: object({ parts: someList }), finishReason: text })),
  promptFeedback: object({ blockReason: text }),
});

/** The first field that is of another type than it should be, as a path; undefined where there is none. */
export const wrongField = (value: unknown, native: boolean): string | undefined =>
  (native ? nativeAnswer : answer)(value)?.replace(/^\./, '');
