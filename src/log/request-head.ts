/** What a person looks for in the line of a request, in front of all else: `200 POST chat gemini-2.5-flash 12 ms 2→14 tokens`. */
import type { Fields } from './text.ts';

export interface RequestHead {
  readonly text: string;
  readonly color: string;
  /** For the end of the line. */
  readonly id: string;
}

/** The fields that need not be told again behind it. */
export const REQUEST_HEAD: ReadonlySet<string> = new Set([
  ...['requestId', 'method', 'route', 'status', 'ms', 'model', 'promptTokens', 'outputTokens'],
]);

/** Undefined for a line that is of no request, though it is called so. */
export const requestHead = (fields: Fields): RequestHead | undefined => {
  const { requestId, method, route, status, ms, model } = fields;
  if (typeof status !== 'number' || typeof requestId !== 'string') return undefined;
  const words = [
    String(status),
    textOf(method),
    routeWord(textOf(route)),
    textOf(model),
    typeof ms === 'number' ? `${ms < 10 ? ms : Math.round(ms)} ms` : '',
    tokens(fields),
  ];
  return { text: words.filter((word) => word !== '').join(' '), color: colorOf(status), id: requestId };
};

const colorOf = (status: number): string => (status >= 500 ? '31' : status >= 400 ? '33' : '32');

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** `/v1/chat/completions` → `chat`, `/v1beta/models/{model}:countTokens` → `countTokens`; what is short stays. */
const routeWord = (route: string): string =>
  /^\/v1\w*\/.*:(\w+)$/.exec(route)?.[1] ??
  /^\/v1\w*\/(?:openai\/)?(.+?)(?:\/(?:completions|generations))?$/.exec(route)?.[1] ??
  route;

const tokens = ({ promptTokens, outputTokens }: Fields): string =>
  typeof promptTokens === 'number' || typeof outputTokens === 'number'
    ? `${countOf(promptTokens)}→${countOf(outputTokens)} tokens`
    : '';

const countOf = (value: unknown): string => (typeof value === 'number' ? String(value) : '?');
