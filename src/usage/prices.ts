/**
 * What Google asks for a million tokens, in US dollars, from a day on (UTC). What comes of it is an estimate: Google's bill
 * knows free tiers, batches, caches by the hour and contracts, and Code Assist asks for none of this.
 */
import { createMemo } from '../engine/memo.ts';
import type { PricedUsage } from '../gemini/usage.ts';

/** Dollars for a million tokens. */
export interface Rates {
  readonly input: number;
  readonly cached: number;
  /** Thoughts are output. */
  readonly output: number;
  /** Where sound costs more than text. */
  readonly audioInput?: number;
  /** Where pictures and films do. */
  readonly visualInput?: number;
  /** Of models that paint, and of those that talk: pictures and sound cost another price than words. */
  readonly imageOutput?: number;
  readonly audioOutput?: number;
  /** For the whole call, where its prompt has more than 200,000 tokens. */
  readonly long?: Pick<Rates, 'input' | 'cached' | 'output'>;
}

interface Price extends Rates {
  readonly models: readonly string[];
  /** The first day of it, in UTC: of the launch, or when it was first seen. */
  readonly from: string;
  /** Where the price was read: Google's own page, or the page of somebody who says what stood there. */
  readonly source: string;
}

const LONG_PROMPT = 200_000;
const GOOGLE = 'https://ai.google.dev/gemini-api/docs/pricing';

/** A new price is a new row: what was used before keeps its old one. */
export const PRICES: readonly Price[] = [
  {
    models: ['gemini-2.5-pro'],
    from: '2025-06-17',
    ...{ input: 1.25, cached: 0.125, output: 10 },
    long: { input: 2.5, cached: 0.25, output: 15 },
    source: GOOGLE,
  },
  {
    models: ['gemini-2.5-flash'],
    from: '2025-06-17',
    ...{ input: 0.3, cached: 0.03, output: 2.5, audioInput: 1 },
    source: GOOGLE,
  },
  {
    models: ['gemini-2.5-flash-lite'],
    from: '2025-06-17',
    ...{ input: 0.1, cached: 0.01, output: 0.4, audioInput: 0.3 },
    source: GOOGLE,
  },
  {
    models: ['gemini-2.5-flash-image'],
    from: '2025-08-26',
    ...{ input: 0.3, cached: 0.3, output: 2.5, imageOutput: 30 },
    source: GOOGLE,
  },
  {
    models: ['gemini-3-pro-preview', 'gemini-3.1-pro-preview', 'gemini-3.1-pro-preview-customtools'],
    from: '2025-11-18',
    ...{ input: 2, cached: 0.2, output: 12 },
    long: { input: 4, cached: 0.4, output: 18 },
    source: GOOGLE,
  },
  {
    models: ['gemini-3-pro-image-preview'],
    from: '2025-11-20',
    ...{ input: 2, cached: 2, output: 12, imageOutput: 120 },
    source: GOOGLE,
  },
  {
    models: ['gemini-3-flash-preview'],
    from: '2025-12-17',
    ...{ input: 0.5, cached: 0.05, output: 3, audioInput: 1 },
    source: GOOGLE,
  },
  {
    models: ['gemini-3.1-flash-lite', 'gemini-3.1-flash-lite-preview'],
    from: '2026-03-03',
    ...{ input: 0.25, cached: 0.025, output: 1.5, audioInput: 0.5 },
    source: GOOGLE,
  },
  {
    models: ['gemini-3.5-flash'],
    from: '2026-05-19',
    ...{ input: 1.5, cached: 0.15, output: 9 },
    source: GOOGLE,
  },
  {
    models: ['gemini-3.5-flash-lite'],
    from: '2026-07-21',
    ...{ input: 0.3, cached: 0.03, output: 2.5 },
    source: 'https://github.com/simstudioai/sim/pull/5812',
  },
  {
    models: ['gemini-3.6-flash'],
    from: '2026-07-21',
    ...{ input: 1.5, cached: 0.15, output: 7.5 },
    source: 'https://github.com/simstudioai/sim/pull/5812',
  },
  {
    models: ['gemini-3.7-flash'],
    from: '2026-08-13',
    ...{ input: 0.75, cached: 0.075, output: 3.75 },
    source: 'https://github.com/BerriAI/litellm/discussions/36799',
  },
  {
    models: ['gemini-3.8-flash'],
    from: '2026-09-02',
    ...{ input: 0.75, cached: 0.075, output: 3.75 },
    source: 'https://github.com/robinebers/openusage/pull/1211',
  },
  {
    models: ['gemini-3.6-flash'],
    from: '2026-09-30',
    ...{ input: 0.75, cached: 0.075, output: 3.75 },
    source: 'https://github.com/uttamdeb/agent-telemetry/releases/tag/v1.6.6',
  },
  {
    // The price of their first months ends with the year.
    models: ['gemini-3.6-flash', 'gemini-3.7-flash', 'gemini-3.8-flash'],
    from: '2027-01-01',
    ...{ input: 1.5, cached: 0.15, output: 7.5 },
    source: 'https://github.com/uttamdeb/agent-telemetry/releases/tag/v1.6.6',
  },
  {
    // What they say is sound alone.
    models: ['gemini-2.5-flash-preview-tts'],
    from: '2025-05-20',
    ...{ input: 0.5, cached: 0.5, output: 10 },
    source: GOOGLE,
  },
  {
    models: ['gemini-2.5-pro-preview-tts'],
    from: '2025-05-20',
    ...{ input: 1, cached: 1, output: 20 },
    source: GOOGLE,
  },
  {
    models: ['gemini-3.8-flash-tts'],
    from: '2026-10-01',
    ...{ input: 0.5, cached: 0.5, output: 9 },
    source: 'https://github.com/BerriAI/litellm/discussions/42776',
  },
  {
    models: ['gemini-3.8-flash-lite-tts'],
    from: '2026-10-01',
    ...{ input: 0.5, cached: 0.5, output: 6 },
    source: 'https://github.com/BerriAI/litellm/discussions/42776',
  },
  {
    models: ['gemini-3.8-flash-tts'],
    from: '2027-01-01',
    ...{ input: 1, cached: 1, output: 18 },
    source: 'https://github.com/BerriAI/litellm/discussions/42776',
  },
  {
    models: ['gemini-3.8-flash-lite-tts'],
    from: '2027-01-01',
    ...{ input: 1, cached: 1, output: 12 },
    source: 'https://github.com/BerriAI/litellm/discussions/42776',
  },
  {
    models: ['gemini-2.5-flash-native-audio-preview-12-2025', 'gemini-2.5-flash-native-audio-latest'],
    from: '2025-12-12',
    ...{ input: 0.5, cached: 0.5, output: 2, audioInput: 3, visualInput: 3, audioOutput: 12 },
    source: GOOGLE,
  },
  {
    models: ['gemini-3.1-flash-live-preview'],
    from: '2026-03-26',
    ...{ input: 0.75, cached: 0.75, output: 4.5, audioInput: 3, visualInput: 1, audioOutput: 12 },
    source: GOOGLE,
  },
  {
    models: ['gemini-3.8-live'],
    from: '2026-10-04',
    ...{ input: 0.75, cached: 0.75, output: 4.5, audioInput: 3, visualInput: 1, audioOutput: 12 },
    source: GOOGLE,
  },
  {
    models: ['gemini-embedding-001'],
    from: '2025-07-14',
    ...{ input: 0.15, cached: 0.15, output: 0 },
    source: GOOGLE,
  },
  {
    models: ['gemini-embedding-2-preview'],
    from: '2026-03-10',
    ...{ input: 0.2, cached: 0.2, output: 0 },
    source: 'https://tokencost.app/blog/gemini-embedding-2-pricing',
  },
];

export interface DatedPrice {
  readonly from: number;
  readonly price: Price;
}

/** Of a model, the oldest first; empty where nobody knows any. */
export const pricesOf = (model: string): readonly DatedPrice[] => {
  const known = PRICES_OF.get(model);
  if (known) return known;
  const name = model.toLowerCase();
  return PRICES_OF.keep(model, BY_MODEL.get(name) ?? BY_MODEL.get(withoutDate(name)) ?? []);
};

/** Clients use few names, and each of their requests asks several times. */
const PRICES_OF = createMemo<readonly DatedPrice[]>(256, 200);

/** Undefined where nobody knows the price. */
export const ratesOf = (model: string, time: number): Rates | undefined => ratesAt(pricesOf(model), time);

const ratesAt = (prices: readonly DatedPrice[], time: number): Rates | undefined => {
  for (let at = prices.length - 1; at >= 0; at -= 1) {
    const dated = prices[at];
    if (dated && time >= dated.from) return dated.price;
  }
  return undefined;
};

/** In billionths of a dollar; undefined where nobody knows the price. */
export const costOf = (prices: readonly DatedPrice[], time: number, used: PricedUsage): number | undefined => {
  const rates = ratesAt(prices, time);
  if (!rates) return undefined;
  const long = used.input > LONG_PROMPT ? rates.long : undefined;
  const { input, cached, output } = long ?? rates;
  const fresh = Math.max(0, used.input - used.cached);
  const audio = long === undefined && rates.audioInput !== undefined ? Math.min(fresh, used.inputBy.audio ?? 0) : 0;
  const visual =
    rates.visualInput === undefined
      ? 0
      : Math.min(fresh - audio, (used.inputBy.image ?? 0) + (used.inputBy.video ?? 0));
  const pictures = rates.imageOutput === undefined ? 0 : tokensAt('image', used);
  const sound = rates.audioOutput === undefined ? 0 : tokensAt('audio', used);
  if (pictures === undefined || sound === undefined) return undefined;
  const dollarsForMillion =
    (fresh - audio - visual) * input +
    audio * (rates.audioInput ?? input) +
    visual * (rates.visualInput ?? input) +
    Math.min(used.cached, used.input) * cached +
    (used.output - pictures - sound) * output +
    pictures * (rates.imageOutput ?? output) +
    sound * (rates.audioOutput ?? output);
  return Math.round(dollarsForMillion * NANOS_OF_A_MILLIONTH);
};

/** A dollar for a million tokens is a thousand billionths for one. */
const NANOS_OF_A_MILLIONTH = 1000;

/** Undefined: which of the tokens are of the kind that costs many times the others was not told. */
const tokensAt = (kind: 'image' | 'audio', { output, outputBy }: PricedUsage): number | undefined => {
  if (output === 0) return 0;
  return outputBy[kind] === undefined && outputBy.text === undefined
    ? undefined
    : Math.min(output, outputBy[kind] ?? 0);
};

/** `gemini-2.5-flash-001`, `gemini-2.5-flash-preview-09-2025`: the price of the model that they are of. */
const withoutDate = (model: string): string => model.replace(/-(?:\d{3}|preview-\d{2}-\d{2,4})$/, '');

/** Of each model the oldest first, as they stand above. */
const BY_MODEL = Map.groupBy(
  PRICES.flatMap((price) => price.models.map((model) => ({ model, from: Date.parse(price.from), price }))),
  ({ model }) => model,
);
