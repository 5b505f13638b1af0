/**
 * Gemini's own request and response, the neutral language of the house. Loose: a type names what we read,
 * every other field travels on untouched.
 */

/** A JSON object kept as the text it came in, so that numbers, key order and spelling survive (`json.ts`). */
export type { RawJson } from '../json.ts';
import type { RawJson } from '../json.ts';

export interface Loose {
  readonly [field: string]: unknown;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** An object that still grows. */
export type Draft<T> = { -readonly [Field in keyof T]: T[Field] };

export interface Blob extends Loose {
  readonly mimeType?: string;
  readonly data?: string;
}

export interface FunctionCall extends Loose {
  readonly id?: string;
  readonly name?: string;
  readonly args?: JsonObject | RawJson;
}

export interface FunctionResponse extends Loose {
  readonly id?: string;
  readonly name?: string;
  readonly response?: JsonObject | RawJson;
  readonly parts?: readonly Part[];
}

export interface Part extends Loose {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
  readonly inlineData?: Blob;
  readonly fileData?: Loose & { readonly fileUri?: string; readonly mimeType?: string };
  readonly functionCall?: FunctionCall;
  readonly functionResponse?: FunctionResponse;
  readonly executableCode?: Loose & { readonly language?: string; readonly code?: string };
  readonly codeExecutionResult?: Loose & { readonly outcome?: string; readonly output?: string };
}

export interface Content extends Loose {
  readonly role?: string;
  readonly parts?: readonly Part[];
}

export interface FunctionDeclaration extends Loose {
  readonly name?: string;
  readonly description?: string;
  readonly parameters?: unknown;
  readonly parametersJsonSchema?: unknown;
}

export interface Tool extends Loose {
  readonly functionDeclarations?: readonly FunctionDeclaration[];
  readonly googleSearch?: Loose;
}

export interface ThinkingConfig extends Loose {
  readonly includeThoughts?: boolean;
  readonly thinkingBudget?: number;
  readonly thinkingLevel?: string;
}

export interface GenerationConfig extends Loose {
  readonly maxOutputTokens?: number;
  readonly candidateCount?: number;
  readonly responseMimeType?: string;
  readonly responseJsonSchema?: unknown;
  readonly thinkingConfig?: ThinkingConfig;
}

export interface ToolConfig extends Loose {
  readonly functionCallingConfig?: Loose & {
    readonly mode?: string;
    readonly allowedFunctionNames?: readonly string[];
  };
}

export interface GenerateContentRequest extends Loose {
  readonly contents?: readonly Content[];
  readonly systemInstruction?: Content;
  readonly tools?: readonly Tool[];
  readonly toolConfig?: ToolConfig;
  readonly safetySettings?: readonly Loose[];
  readonly generationConfig?: GenerationConfig;
}

export interface GroundingMetadata extends Loose {
  readonly groundingChunks?: readonly (Loose & {
    readonly web?: Loose & { uri?: string; title?: string; domain?: string };
  })[];
  readonly groundingSupports?: readonly (Loose & {
    readonly segment?: Loose & { partIndex?: number; startIndex?: number; endIndex?: number; text?: string };
    readonly groundingChunkIndices?: readonly number[];
  })[];
}

export interface Candidate extends Loose {
  readonly index?: number;
  readonly content?: Content;
  readonly finishReason?: string;
  readonly finishMessage?: string;
  readonly groundingMetadata?: GroundingMetadata;
  readonly citationMetadata?: Loose;
  readonly logprobsResult?: Loose;
}

export interface UsageMetadata extends Loose {
  readonly promptTokenCount?: number;
  readonly cachedContentTokenCount?: number;
  readonly candidatesTokenCount?: number;
  readonly thoughtsTokenCount?: number;
  readonly toolUsePromptTokenCount?: number;
  readonly totalTokenCount?: number;
}

export interface GenerateContentResponse extends Loose {
  readonly candidates?: readonly Candidate[];
  readonly promptFeedback?: Loose & { readonly blockReason?: string; readonly blockReasonMessage?: string };
  readonly usageMetadata?: UsageMetadata;
  readonly modelVersion?: string;
  readonly responseId?: string;
}

export interface CountTokensResponse extends Loose {
  readonly totalTokens: number;
}
