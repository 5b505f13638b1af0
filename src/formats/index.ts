import { anthropicFormat } from './anthropic/anthropic.ts';
import type { ClientFormat } from './format.ts';
import { geminiFormat } from './gemini/gemini.ts';
import { openaiFormat } from './openai/openai.ts';

/** The languages spoken to clients. The first one answers where a path belongs to nobody. */
export const formats: readonly [ClientFormat, ...ClientFormat[]] = [openaiFormat, anthropicFormat, geminiFormat];
