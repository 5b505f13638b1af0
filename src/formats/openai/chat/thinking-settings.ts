/** Every way in which chat clients ask for thinking, most explicit first. */
import type { Model } from '../../../gemini/catalogue.ts';
import { isThinkingLevel } from '../../../gemini/thinking.ts';
import { checkEffort, decideThinking } from '../../../conversation/thinking.ts';
import type { ThinkingSettings, ThinkingWish } from '../../../conversation/thinking.ts';
import type { Ignored } from '../../../conversation/ignored.ts';
import { refusal } from '../../../errors/refusal.ts';
import type { ChatRequest } from './request.ts';

export const decodeThinking = (request: ChatRequest, model: Model, ignored: Ignored): ThinkingSettings => {
  // Values are checked even where another wins.
  const found: ThinkingWish[] = [];
  const { google, reasoning_effort: asked, reasoning, thinking, enable_thinking: enabled } = request;
  const { thinking_budget: budget } = request;
  const effort = typeof asked === 'string' ? asked : asked?.effort;
  if (google.thinking_config) addGoogle(found, google.thinking_config);
  if (effort !== undefined) found.push({ name: 'reasoning_effort', effort: checkEffort(effort, 'reasoning_effort') });
  if (reasoning) addReasoning(found, reasoning);
  if (thinking !== undefined) addThinking(found, thinking);
  if (enabled !== undefined || budget !== undefined) addSwitches(found, enabled, budget);
  const isHidden = reasoning?.exclude === true || request.include_reasoning === false;
  const shown = google.thinking_config?.include_thoughts ?? (isHidden ? false : undefined);
  return decideThinking(found, shown, model, ignored);
};

const addGoogle = (found: ThinkingWish[], config: NonNullable<ChatRequest['google']['thinking_config']>): void => {
  const { thinking_budget: budget, thinking_level: level } = config;
  const name = 'google.thinking_config';
  if (budget !== undefined) found.push({ name: `${name}.thinking_budget`, budget });
  if (level !== undefined) found.push({ name: `${name}.thinking_level`, level: checkLevel(level) });
};

/** OpenRouter. */
const addReasoning = (found: ThinkingWish[], reasoning: NonNullable<ChatRequest['reasoning']>): void => {
  const { enabled, effort, max_tokens: budget } = reasoning;
  // First, so that it wins over what stands beside it.
  if (enabled === false) found.push({ name: 'reasoning.enabled', effort: 'none' });
  if (effort !== undefined) found.push({ name: 'reasoning.effort', effort: checkEffort(effort, 'reasoning.effort') });
  if (budget !== undefined) found.push({ name: 'reasoning.max_tokens', budget });
  if (effort === undefined && budget === undefined && enabled === true) {
    found.push({ name: 'reasoning.enabled', shown: true });
  }
};

/** Anthropic. */
const addThinking = (found: ThinkingWish[], thinking: NonNullable<ChatRequest['thinking']>): void => {
  const name = 'thinking';
  const type = typeof thinking === 'boolean' ? (thinking ? 'adaptive' : 'disabled') : thinking.type;
  const budget = typeof thinking === 'boolean' ? undefined : thinking.budget_tokens;
  if (type === 'disabled') {
    found.push({ name, effort: 'none' });
    if (budget !== undefined) found.push({ name: `${name}.budget_tokens`, budget });
  } else found.push(budget === undefined ? { name, shown: true } : { name, budget });
};

/** Qwen's two fields, which several chat programs send to everybody. */
const addSwitches = (found: ThinkingWish[], enabled: boolean | undefined, budget: number | undefined): void => {
  if (enabled === false) found.push({ name: 'enable_thinking', effort: 'none' });
  if (budget !== undefined) found.push({ name: 'thinking_budget', budget });
  else if (enabled === true) found.push({ name: 'enable_thinking', shown: true });
};

const checkLevel = (level: string): string => {
  if (isThinkingLevel(level)) return level;
  const param = 'google.thinking_config.thinking_level';
  throw refusal('invalid_value', param, `'${param}' must be minimal, low, medium, high or xhigh.`);
};
