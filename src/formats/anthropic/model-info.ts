/** One model as Anthropic's lists tell of it. */
import type { ListedModel } from '../../gemini/catalogue.ts';
import type { OfferedDescription } from '../../gemini/offered-models.ts';
import { capabilitiesOf } from './capabilities.ts';

export interface AnthropicModel {
  readonly type: 'model';
  readonly id: string;
  readonly display_name: string;
  readonly created_at: string;
  /** Of Claude's lines, that of whose name it has. */
  readonly line: string | null;
  readonly max_input_tokens: number;
  readonly max_tokens: number;
  readonly capabilities: object;
  readonly lifecycle: 'active';
  readonly deprecated_at: null;
  readonly retires_at: null;
  /** None can be named in a request. */
  readonly allowed_fallback_models: readonly string[];
}

interface Told extends ListedModel, OfferedDescription {
  readonly line?: string;
}

export const toModelInfo = ({ id, name, line, model, variants, inputTokens, outputTokens }: Told): AnthropicModel => ({
  type: 'model',
  id,
  display_name: name,
  created_at: new Date(model.created * 1000).toISOString().replace('.000', ''),
  line: line ?? null,
  max_input_tokens: inputTokens,
  max_tokens: outputTokens,
  capabilities: capabilitiesOf(model, !variants.includes('nothinking')),
  lifecycle: 'active',
  deprecated_at: null,
  retires_at: null,
  allowed_fallback_models: [],
});
