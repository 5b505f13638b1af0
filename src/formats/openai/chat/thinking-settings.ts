/** Every way in which clients ask for thinking → one thinkingConfig. The most explicit wins. */
import type { Model } from '../../../gemini/models.ts';
import {
  isEffort,
  isThinkingLevel,
  thinkingByDefault,
  thinkingForBudget,
  thinkingForEffort,
  thinkingForLevel,
} from '../../../gemini/thinking.ts';
import type { ThinkingConfig } from '../../../gemini/types.ts';
import type { Ignored } from '../../../conversation/ignored.ts';
import { refusal } from '../../../errors/refusal.ts';
import type { ChatRequest } from './request.ts';

export interface ThinkingSettings {
  readonly config: ThinkingConfig | undefined;
  /** The client said how much to think: no rule of ours changes it. */
  readonly explicit: boolean;
}

export const decodeThinking = (request: ChatRequest, model: Model, ignored: Ignored): ThinkingSettings => {
  const found = wishes(request);
  const wish = found[0];
  for (let index = 1; index < found.length; index += 1) ignored.add(found[index]?.name ?? '');
  if (!model.thinking) {
    if (wish) ignored.add(wish.name);
    return { config: undefined, explicit: false };
  }
  const config = wish ? toConfig(wish, model) : thinkingByDefault(model);
  const shown = request.google.thinking_config?.include_thoughts ?? (isHidden(request) ? false : undefined);
  return {
    config: shown === undefined || (shown && isOff(config)) ? config : { ...config, includeThoughts: shown },
    explicit: wish !== undefined,
  };
};

type Wish = { readonly name: string } & (
  { readonly effort: string } | { readonly budget: number } | { readonly level: string } | { readonly shown: true }
);

/** What the request says about thinking, most explicit first. Values are checked even where another wins. */
const wishes = (request: ChatRequest): readonly Wish[] => {
  const found: Wish[] = [];
  const { google, reasoning_effort: asked, reasoning, thinking } = request;
  const effort = typeof asked === 'string' ? asked : asked?.effort;
  if (google.thinking_config) addGoogle(found, google.thinking_config);
  if (effort !== undefined) found.push({ name: 'reasoning_effort', effort: checkEffort(effort, 'reasoning_effort') });
  if (reasoning) addReasoning(found, reasoning);
  if (thinking !== undefined) addThinking(found, thinking);
  addSwitches(found, request);
  return found;
};

const addGoogle = (found: Wish[], config: NonNullable<ChatRequest['google']['thinking_config']>): void => {
  const { thinking_budget: budget, thinking_level: level } = config;
  const name = 'google.thinking_config';
  if (budget !== undefined) found.push({ name: `${name}.thinking_budget`, budget });
  if (level !== undefined) found.push({ name: `${name}.thinking_level`, level: checkLevel(level) });
};

/** OpenRouter. */
const addReasoning = (found: Wish[], reasoning: NonNullable<ChatRequest['reasoning']>): void => {
  const { enabled, effort, max_tokens: budget } = reasoning;
  if (enabled === false) {
    found.push({ name: 'reasoning.enabled', effort: 'none' });
    return;
  }
  if (effort !== undefined) found.push({ name: 'reasoning.effort', effort: checkEffort(effort, 'reasoning.effort') });
  if (budget !== undefined) found.push({ name: 'reasoning.max_tokens', budget });
  if (effort === undefined && budget === undefined && enabled === true) {
    found.push({ name: 'reasoning.enabled', shown: true });
  }
};

/** Anthropic. */
const addThinking = (found: Wish[], thinking: NonNullable<ChatRequest['thinking']>): void => {
  const name = 'thinking';
  const type = typeof thinking === 'boolean' ? (thinking ? 'adaptive' : 'disabled') : thinking.type;
  const budget = typeof thinking === 'boolean' ? undefined : thinking.budget_tokens;
  if (type === 'disabled') found.push({ name, effort: 'none' });
  else found.push(budget === undefined ? { name, shown: true } : { name, budget });
};

/** Qwen's two fields, which several chat programs send to everybody. */
const addSwitches = (found: Wish[], { enable_thinking: enabled, thinking_budget: budget }: ChatRequest): void => {
  if (enabled === false) found.push({ name: 'enable_thinking', effort: 'none' });
  else if (budget !== undefined) found.push({ name: 'thinking_budget', budget });
  else if (enabled === true) found.push({ name: 'enable_thinking', shown: true });
};

const toConfig = (wish: Wish, model: Model): ThinkingConfig | undefined => {
  if ('effort' in wish) return thinkingForEffort(model, wish.effort);
  if ('budget' in wish) return thinkingForBudget(model, wish.budget);
  return 'level' in wish ? thinkingForLevel(model, wish.level) : thinkingByDefault(model);
};

const isHidden = ({ reasoning, include_reasoning }: ChatRequest): boolean =>
  reasoning?.exclude === true || include_reasoning === false;

/** Asking for the thoughts of a model that is switched off is a 400. */
const isOff = (config: ThinkingConfig | undefined): boolean => config?.thinkingBudget === 0;

const checkEffort = (effort: string, param: string): string => {
  const word = effort.trim().toLowerCase();
  if (isEffort(word)) return word;
  // LiteLLM's word for it.
  if (word === 'disable') return 'none';
  throw refusal('invalid_value', param, `'${param}' must be none, minimal, low, medium, high, xhigh or max.`);
};

const checkLevel = (level: string): string => {
  if (isThinkingLevel(level)) return level;
  const param = 'google.thinking_config.thinking_level';
  throw refusal('invalid_value', param, `'${param}' must be minimal, low, medium or high.`);
};
