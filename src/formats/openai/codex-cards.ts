/** What Codex reads of a model list (`model_catalog_url`): one card a model. It drops the whole list for one bad field. */
import type { Model, ThinkingLevel } from '../../gemini/catalogue.ts';
import type { OfferedModel } from '../../gemini/offered-models.ts';

export const codexCards = (offered: readonly OfferedModel[]): readonly object[] =>
  offered
    .filter(({ model, variants }) => isForAgents(model) && variants.length === 0)
    .map(({ id, model }, index) => toCard(id, model, index));

/** It works by tools, and in words. */
const isForAgents = ({ kind, tools, outputsImages }: Model): boolean => kind === 'generate' && tools && !outputsImages;

const toCard = (id: string, model: Model, index: number): object => {
  const levels = levelsOf(model);
  return {
    slug: id,
    display_name: model.displayName,
    description: model.description,
    default_reasoning_level: levels.includes('medium') ? 'medium' : (levels.at(-1) ?? null),
    supported_reasoning_levels: levels.map((effort) => ({ effort, description: DESCRIPTIONS[effort] })),
    shell_type: 'shell_command',
    visibility: 'list',
    supported_in_api: true,
    // Its picker shows small numbers first.
    priority: index,
    availability_nux: null,
    upgrade: null,
    base_instructions: INSTRUCTIONS,
    model_messages: null,
    supports_reasoning_summaries: levels.length > 0,
    default_reasoning_summary: 'auto',
    support_verbosity: false,
    default_verbosity: null,
    // Any other word than this one, and all cards are dropped.
    apply_patch_tool_type: 'freeform',
    web_search_tool_type: 'text',
    truncation_policy: { mode: 'tokens', limit: 10_000 },
    supports_parallel_tool_calls: true,
    supports_image_detail_original: false,
    context_window: model.inputTokenLimit,
    max_context_window: model.inputTokenLimit,
    auto_compact_token_limit: null,
    effective_context_window_percent: 95,
    experimental_supported_tools: [],
    input_modalities: model.family === 'gemma' ? ['text'] : ['text', 'image'],
    supports_search_tool: false,
    use_responses_lite: false,
  };
};

/** Codex wants some; its own prompt for unknown models says the same at length. */
const INSTRUCTIONS =
  'You are Codex, a coding agent in the terminal of the user. Work on the task until it is done: look at the files, ' +
  'change them with apply_patch, run what shows that the change works, and say shortly what you did.';

type Effort = 'minimal' | 'low' | 'medium' | 'high' | 'xhigh';

const DESCRIPTIONS = {
  minimal: 'Hardly any thinking',
  low: 'Little thinking, quick answers',
  medium: 'Thinking for everyday work',
  high: 'Thorough thinking for hard problems',
  xhigh: 'All the thinking that the model can do',
} satisfies Record<Effort, string>;

const EFFORT_OF = {
  MINIMAL: 'minimal',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
  XHIGH: 'xhigh',
} satisfies Record<ThinkingLevel, Effort>;

const levelsOf = ({ thinking }: Model): readonly Effort[] => {
  if (!thinking) return [];
  return thinking.kind === 'budget' ? ['low', 'medium', 'high'] : thinking.levels.map((level) => EFFORT_OF[level]);
};
