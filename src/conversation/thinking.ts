/** Every way in which clients ask for thinking → one thinkingConfig, and how an output limit bears on it. */
import type { Model } from '../gemini/catalogue.ts';
import {
  SMALL_CAP,
  isEffort,
  thinkingByDefault,
  thinkingForBudget,
  thinkingForEffort,
  thinkingForLevel,
  thinkingForSmallCap,
} from '../gemini/thinking.ts';
import { refusal } from '../errors/refusal.ts';
import type { Draft, GenerationConfig, ThinkingConfig } from '../gemini/types.ts';
import type { Ignored } from './ignored.ts';

/** One way in which a request asks for thinking, under the client's name for it. */
export type ThinkingWish = { readonly name: string } & (
  { readonly effort: string } | { readonly budget: number } | { readonly level: string } | { readonly shown: true }
);

export interface ThinkingSettings {
  readonly config: ThinkingConfig | undefined;
  /** The client said how much to think: no rule of ours changes it. */
  readonly explicit: boolean;
}

/** `wishes`: the most explicit first, which wins. `shown`: whether thoughts are to be told, where the client says so. */
export const decideThinking = (
  wishes: readonly ThinkingWish[],
  shown: boolean | undefined,
  model: Model,
  ignored: Ignored,
): ThinkingSettings => {
  const wish = wishes[0];
  for (let index = 1; index < wishes.length; index += 1) ignored.add(wishes[index]?.name ?? '');
  if (!model.thinking) {
    if (wish) ignored.add(wish.name);
    return { config: undefined, explicit: false };
  }
  const config = wish ? toConfig(wish, model) : thinkingByDefault(model);
  return {
    config: shown === undefined || (shown && isOff(config)) ? config : { ...config, includeThoughts: shown },
    explicit: wish !== undefined,
  };
};

/** A word for an effort as `thinkingForEffort` knows it, or a refusal. */
export const checkEffort = (effort: string, param: string): string => {
  const word = effort.trim().toLowerCase();
  if (isEffort(word)) return word;
  // LiteLLM's word for it.
  if (word === 'disable') return 'none';
  throw refusal('invalid_value', param, `'${param}' must be none, minimal, low, medium, high, xhigh or max.`);
};

/** Sets what may come out and what may be thought: under a small limit thoughts alone would use it up. */
export const addOutputLimit = (
  config: Draft<GenerationConfig>,
  asked: number | undefined,
  thinking: ThinkingSettings,
  model: Model,
): void => {
  let thinkingConfig = thinking.config;
  if (asked !== undefined) {
    const cap = Math.min(asked, model.outputTokenLimit);
    config.maxOutputTokens = cap;
    if (!thinking.explicit && cap < SMALL_CAP) {
      const small = thinkingForSmallCap(model, cap);
      config.maxOutputTokens = small.maxOutputTokens;
      thinkingConfig = asShown(small.thinkingConfig ?? thinkingConfig, thinkingConfig);
    }
  }
  if (thinkingConfig) config.thinkingConfig = thinkingConfig;
};

const toConfig = (wish: ThinkingWish, model: Model): ThinkingConfig | undefined => {
  if ('effort' in wish) return thinkingForEffort(model, wish.effort);
  if ('budget' in wish) return thinkingForBudget(model, wish.budget);
  return 'level' in wish ? thinkingForLevel(model, wish.level) : thinkingByDefault(model);
};

/** Asking for the thoughts of a model that is switched off is a 400. */
const isOff = (config: ThinkingConfig | undefined): boolean => config?.thinkingBudget === 0;

/** The small cap decides how much to think; whether thoughts are shown stays as it was. */
const asShown = (chosen: ThinkingConfig | undefined, asked: ThinkingConfig | undefined): ThinkingConfig | undefined =>
  asked?.includeThoughts === false ? { ...chosen, includeThoughts: false } : chosen;
