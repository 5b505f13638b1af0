/** Effort, budget or level → thinkingConfig, as each model's family wants it. */
import type { Model, ThinkingLevel, ThinkingSpec, Variant } from './catalogue.ts';
import type { ThinkingConfig } from './types.ts';

export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

export const isEffort = (value: unknown): value is Effort => EFFORTS.some((effort) => effort === value);

/** Undefined where the model does not think, so that nothing is sent. An unknown effort is the caller's to refuse. */
export const thinkingForEffort = (model: Model, effort: string): ThinkingConfig | undefined => {
  if (!model.thinking || !isEffort(effort)) return undefined;
  if (effort === 'none') return least(model.thinking);
  return model.thinking.kind === 'budget'
    ? budgetOf(model.thinking, BUDGETS[effort] ?? model.thinking.max)
    : levelOf(model.thinking, LEVELS[effort]);
};

/** What a thinking model gets when the client says nothing: its thoughts are shown, the rest is its own default. */
export const thinkingByDefault = (model: Model): ThinkingConfig | undefined => {
  if (!model.thinking) return undefined;
  // Asking a model for thoughts that it does not think by default may be refused.
  if (model.thinking.kind === 'budget' && !model.thinking.byDefault) return undefined;
  return { includeThoughts: true };
};

/** A budget that the client set; −1 means: as the model likes. */
export const thinkingForBudget = (model: Model, budget: number): ThinkingConfig | undefined => {
  const spec = model.thinking;
  if (!spec) return undefined;
  if (budget < 0)
    return spec.kind === 'budget' ? { thinkingBudget: -1, includeThoughts: true } : { includeThoughts: true };
  if (budget === 0) return least(spec);
  if (spec.kind === 'budget') return budgetOf(spec, budget);
  if (budget <= 512) return levelOf(spec, 'MINIMAL');
  return levelOf(spec, budget <= 1024 ? 'LOW' : budget <= 8192 ? 'MEDIUM' : 'HIGH');
};

/** A level that the client set, in any case; undefined where it is none. */
export const thinkingForLevel = (model: Model, level: string): ThinkingConfig | undefined => {
  const wanted = ORDER.find((name) => name === level.toUpperCase());
  const spec = model.thinking;
  if (!spec || !wanted) return undefined;
  return spec.kind === 'level' ? levelOf(spec, wanted) : budgetOf(spec, BUDGET_OF_LEVEL[wanted]);
};

export const isThinkingLevel = (level: unknown): boolean =>
  typeof level === 'string' && ORDER.some((name) => name === level.toUpperCase());

/** `-nothinking` and `-maxthinking`: they beat effort and explicit settings, because the user typed them. */
export const thinkingForVariant = (model: Model, variant: Exclude<Variant, 'search'>): ThinkingConfig | undefined =>
  thinkingForEffort(model, variant === 'nothinking' ? 'none' : 'max');

/** Whether a model that was asked not to think thinks nevertheless, as little as it can. */
export const thinksAnyway = ({ thinking }: Model): boolean => thinking !== undefined && !thinking.off;

/** Caps from here on leave room for thinking and for an answer. */
export const SMALL_CAP = 2048;

/**
 * `maxOutputTokens` counts thoughts too, so that a small cap may be spent before the first word. For a client that caps
 * low and says nothing about thinking (titles, health probes), thinking gets at most half of it.
 */
export const thinkingForSmallCap = (
  model: Model,
  maxOutputTokens: number,
): { thinkingConfig?: ThinkingConfig; maxOutputTokens: number } => {
  const spec = model.thinking;
  if (!spec || maxOutputTokens >= SMALL_CAP) return { maxOutputTokens };
  if (spec.kind === 'level') return { thinkingConfig: levelOf(spec, 'MINIMAL'), maxOutputTokens };
  const half = Math.floor(maxOutputTokens / 2);
  if (spec.off && (!spec.byDefault || half < spec.min)) return { thinkingConfig: least(spec), maxOutputTokens };
  return {
    thinkingConfig: { thinkingBudget: Math.max(half, spec.min), includeThoughts: true },
    maxOutputTokens: maxOutputTokens < 2 * spec.min ? maxOutputTokens + spec.min : maxOutputTokens,
  };
};

const ORDER: readonly ThinkingLevel[] = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'XHIGH'];

/** Google's published table; `xhigh` and `max` are what the model can do at most. */
const BUDGETS: Readonly<Partial<Record<Effort, number>>> = { minimal: 1024, low: 1024, medium: 8192, high: 24_576 };
const LEVELS: Readonly<Record<Exclude<Effort, 'none'>, ThinkingLevel>> = {
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'XHIGH',
  max: 'XHIGH',
};
const BUDGET_OF_LEVEL: Readonly<Record<ThinkingLevel, number>> = {
  MINIMAL: 1024,
  LOW: 1024,
  MEDIUM: 8192,
  HIGH: 24_576,
  XHIGH: 32_768,
};

/** As little thinking as the model can do, and none of it shown: thoughts of a model that is switched off are a 400. */
const least = (spec: ThinkingSpec): ThinkingConfig =>
  spec.off
    ? { thinkingBudget: 0, includeThoughts: false }
    : spec.kind === 'budget'
      ? { thinkingBudget: spec.min, includeThoughts: false }
      : { thinkingLevel: spec.levels[0] ?? 'LOW', includeThoughts: false };

const budgetOf = (spec: ThinkingSpec & { kind: 'budget' }, budget: number): ThinkingConfig => ({
  thinkingBudget: Math.min(Math.max(Math.trunc(budget), spec.min), spec.max),
  includeThoughts: true,
});

/** The weakest level that the model has and that is no weaker than the wanted one, else its strongest. */
const levelOf = (spec: ThinkingSpec & { kind: 'level' }, wanted: ThinkingLevel): ThinkingConfig => {
  const level =
    spec.levels.find((name) => ORDER.indexOf(name) >= ORDER.indexOf(wanted)) ?? spec.levels.at(-1) ?? wanted;
  return { thinkingLevel: level, includeThoughts: true };
};
