/** Tokens as Google counted them: read here, and nowhere else, for clients, the log and whatever is kept. */
import { isObject } from '../json.ts';
import type { EmbedCall, EmbedResponse } from './call.ts';
import type { UsageMetadata } from './types.ts';

export interface TokenUsage {
  /** All that went in: prompt, cached tokens and what tools fetched. */
  readonly input: number;
  readonly cached: number;
  /** All that came out, thoughts among it. */
  readonly output: number;
  readonly thoughts: number;
  /** Google's own sum where it tells one. */
  readonly total: number;
  readonly inputBy: TokensByModality;
  readonly outputBy: TokensByModality;
}

/** As much of it as decides the price. */
export type PricedUsage = Pick<TokenUsage, 'input' | 'cached' | 'output' | 'inputBy' | 'outputBy'>;

/** As far as Google tells them apart; thoughts are in none. */
export type TokensByModality = Readonly<Partial<Record<Modality, number>>>;

const MODALITIES = { TEXT: 'text', IMAGE: 'image', VIDEO: 'video', AUDIO: 'audio', DOCUMENT: 'document' } as const;

export type Modality = (typeof MODALITIES)[keyof typeof MODALITIES];

export const readUsage = (usage: UsageMetadata | undefined): TokenUsage => {
  if (!usage) return NO_USAGE;
  const { prompt, tools, candidates, response, thoughts, cached, total, lists } = countsIn(usage);
  const input = prompt + tools;
  const output = (candidates || response) + thoughts;
  return {
    input,
    cached,
    output,
    thoughts,
    total: total || input + output,
    inputBy: lists ? byModality(usage['promptTokensDetails'], usage['toolUsePromptTokensDetails']) : NOT_TOLD,
    outputBy: lists ? byModality(usage['candidatesTokensDetails'] ?? usage['responseTokensDetails']) : NOT_TOLD,
  };
};

const NOT_TOLD: TokensByModality = {};

const NO_USAGE: TokenUsage = {
  ...{ input: 0, cached: 0, output: 0, thoughts: 0, total: 0 },
  inputBy: NOT_TOLD,
  outputBy: NOT_TOLD,
};

export const sumOfUsage = (usages: readonly TokenUsage[]): TokenUsage => usages.reduce(add, NO_USAGE);

/** Embeddings that Google counts nothing for are estimated: about four letters make a token. */
export const usageOfEmbedding = (requests: EmbedCall['requests'], answer: EmbedResponse): TokenUsage => {
  const told = isObject(answer['usageMetadata']) ? count(answer['usageMetadata']['promptTokenCount']) : 0;
  const input = told || answer.embeddings.reduce((sum, one) => sum + tokensOf(one), 0) || estimateTexts(requests);
  return readUsage({ promptTokenCount: input });
};

/** All that stands in it, in one walk. Lists tell modalities apart, and are rare. */
const countsIn = (usage: UsageMetadata) => {
  const counts = { prompt: 0, tools: 0, candidates: 0, response: 0, thoughts: 0, cached: 0, total: 0, lists: false };
  for (const name in usage) {
    const value = usage[name];
    if (typeof value === 'object') counts.lists = true;
    else if (!isCount(value)) continue;
    else if (name === 'promptTokenCount') counts.prompt = value;
    else if (name === 'candidatesTokenCount') counts.candidates = value;
    else if (name === 'totalTokenCount') counts.total = value;
    else if (name === 'thoughtsTokenCount') counts.thoughts = value;
    else if (name === 'cachedContentTokenCount') counts.cached = value;
    else if (name === 'toolUsePromptTokenCount') counts.tools = value;
    // The Live API has a word of its own for what comes out.
    else if (name === 'responseTokenCount') counts.response = value;
  }
  return counts;
};

/** Google has sent counts below zero. */
const count = (value: unknown): number => (isCount(value) ? value : 0);

/** Google's are whole numbers of 32 bits; what is none would stand in sums for ever. */
const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_COUNT;

const LARGEST_COUNT = 2 ** 31 - 1;

/** A modality may stand in several entries, of one list or of two. */
const byModality = (...lists: readonly unknown[]): TokensByModality => {
  const found: Partial<Record<Modality, number>> = {};
  for (const list of lists) {
    if (!Array.isArray(list)) continue;
    for (const entry of list as readonly unknown[]) {
      if (!isObject(entry) || !isCount(entry['tokenCount'])) continue;
      const { modality } = entry;
      if (typeof modality !== 'string' || !isModality(modality)) continue;
      const name = MODALITIES[modality];
      found[name] = (found[name] ?? 0) + entry['tokenCount'];
    }
  }
  return found;
};

const isModality = (word: string): word is keyof typeof MODALITIES => Object.hasOwn(MODALITIES, word);

const add = (one: TokenUsage, other: TokenUsage): TokenUsage => ({
  input: one.input + other.input,
  cached: one.cached + other.cached,
  output: one.output + other.output,
  thoughts: one.thoughts + other.thoughts,
  total: one.total + other.total,
  inputBy: addModalities(one.inputBy, other.inputBy),
  outputBy: addModalities(one.outputBy, other.outputBy),
});

const addModalities = (one: TokensByModality, other: TokensByModality): TokensByModality => {
  const sum: Partial<Record<Modality, number>> = { ...one };
  for (const name of Object.values(MODALITIES)) {
    if (other[name] !== undefined) sum[name] = (sum[name] ?? 0) + other[name];
  }
  return sum;
};

/** Vertex counts each text by itself. */
const tokensOf = ({ statistics }: EmbedResponse['embeddings'][number]): number =>
  isObject(statistics) ? count(statistics['token_count'] ?? statistics['tokenCount']) : 0;

/** Where Google counts nothing, or has not counted yet. */
export const estimateTexts = (requests: EmbedCall['requests']): number =>
  requests.reduce(
    (sum, { content }) => sum + textsIn(content).reduce((all, text) => all + Math.ceil(text.length / 4), 0),
    0,
  );

const textsIn = (content: unknown): readonly string[] => {
  const parts: readonly unknown[] = isObject(content) && Array.isArray(content['parts']) ? content['parts'] : [];
  return parts.flatMap((part) => (isObject(part) && typeof part['text'] === 'string' ? [part['text']] : []));
};
