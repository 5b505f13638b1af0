/** All families, for those who only speak of them: nothing of the formats themselves is loaded. */
import { ANTHROPIC } from './anthropic/endpoints.ts';
import type { Family } from './family.ts';
import { GEMINI } from './gemini/endpoints.ts';
import { OPENAI } from './openai/endpoints.ts';

export const families: readonly Family[] = [OPENAI, ANTHROPIC, GEMINI];
