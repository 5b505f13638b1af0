/** What a model can do of all that Anthropic's API knows, by the catalogue and by what this relay makes of it. */
import type { Model } from '../../gemini/catalogue.ts';

export const capabilitiesOf = (model: Model, mayThink: boolean): object => {
  const thinks = supported(mayThink && model.thinking !== undefined);
  // Google's models of one purpose take neither a schema nor a tool, and Gemma's take neither for sure.
  const isGeneral = model.generation > 0 && model.tools;
  return {
    batch: NO,
    citations: NO,
    // Code that calls the client's tools; what runs code at all is a server tool.
    code_execution: NO,
    compaction: { ...NO, summarize: NO },
    context_management: {
      ...NO,
      clear_tool_uses_20250919: NO,
      clear_thinking_20251015: NO,
      compact_20260112: NO,
    },
    effort: { ...thinks, low: thinks, medium: thinks, high: thinks, xhigh: thinks, max: thinks },
    image_input: supported(model.sees),
    // Whichever hears recordings reads documents as well.
    pdf_input: supported(model.hears),
    server_tools: {
      ...supported(model.search || isGeneral),
      web_search: supported(model.search),
      code_execution: supported(isGeneral),
    },
    structured_outputs: supported(isGeneral),
    // The last two are never refused.
    thinking: { ...thinks, types: { adaptive: thinks, enabled: thinks, disabled: YES, between_tools: YES } },
  };
};

interface Support {
  readonly supported: boolean;
}

const YES: Support = { supported: true };
const NO: Support = { supported: false };

const supported = (isSupported: boolean): Support => (isSupported ? YES : NO);
