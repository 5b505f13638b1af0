import type { Door } from './exchange.ts';
import { COMMON, CONFIG, CONTENT, ENUMS, REQUEST, TOOLS } from './vocabulary-shared.ts';

/**
 * The fields that each door knows, by message: camelCase name → type. A type is a scalar (`read-message.ts`), an
 * enumeration or a message of this page; `[]` repeats it, `{}` makes it the values of a map.
 */
export type MessageFields = Readonly<Record<string, string>>;

export interface Vocabulary {
  readonly messages: Readonly<Record<string, MessageFields>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
  /** In front of a type's name in error messages. */
  readonly typePrefix: string;
}

const CLOUD_CONFIG = {
  ...CONFIG.GenerationConfig,
  routingConfig: 'value',
  modelSelectionConfig: 'value',
  audioTimestamp: 'bool',
} as const;

const METADATA = {
  ideType: 'IdeType',
  platform: 'Platform',
  pluginType: 'PluginType',
  duetProject: 'string',
  ideVersion: 'string',
  pluginVersion: 'string',
  updateChannel: 'string',
  ideName: 'string',
} as const;

const CODE_ASSIST: Vocabulary['messages'] = {
  ...COMMON,
  GenerationConfig: CLOUD_CONFIG,
  SafetySetting: { ...TOOLS.SafetySetting, method: 'HarmBlockMethod' },
  GenerateContentRequest: {
    model: 'string',
    project: 'string',
    userPromptId: 'string',
    enabledCreditTypes: 'string[]',
    request: 'InnerRequest',
  },
  InnerRequest: { ...REQUEST, labels: 'string{}', sessionId: 'string' },
  CountTokensRequest: { request: 'InnerCountRequest' },
  InnerCountRequest: { model: 'string', contents: 'Content[]' },
  ClientMetadata: METADATA,
  LoadCodeAssistRequest: { cloudaicompanionProject: 'string', metadata: 'ClientMetadata', mode: 'LoadMode' },
  OnboardUserRequest: { tierId: 'string', cloudaicompanionProject: 'string', metadata: 'ClientMetadata' },
  RetrieveUserQuotaRequest: { project: 'string', userAgent: 'string' },
};

/** The Gemini API numbers them otherwise: those of PaLM come first. */
const API_ENUMS = {
  ...ENUMS,
  HarmCategory: [
    'HARM_CATEGORY_UNSPECIFIED',
    'HARM_CATEGORY_DEROGATORY',
    'HARM_CATEGORY_TOXICITY',
    'HARM_CATEGORY_VIOLENCE',
    'HARM_CATEGORY_SEXUAL',
    'HARM_CATEGORY_MEDICAL',
    'HARM_CATEGORY_DANGEROUS',
    'HARM_CATEGORY_HARASSMENT',
    'HARM_CATEGORY_HATE_SPEECH',
    'HARM_CATEGORY_SEXUALLY_EXPLICIT',
    'HARM_CATEGORY_DANGEROUS_CONTENT',
    'HARM_CATEGORY_CIVIC_INTEGRITY',
  ],
  TaskType: [
    'TASK_TYPE_UNSPECIFIED',
    'RETRIEVAL_QUERY',
    'RETRIEVAL_DOCUMENT',
    'SEMANTIC_SIMILARITY',
    'CLASSIFICATION',
    'CLUSTERING',
    'QUESTION_ANSWERING',
    'FACT_VERIFICATION',
    'CODE_RETRIEVAL_QUERY',
  ],
} as const;

const API_EMBED = {
  model: 'string',
  content: 'Content',
  taskType: 'TaskType',
  title: 'string',
  outputDimensionality: 'int32',
} as const;

const BEGIN = { instances: 'value[]', parameters: 'value' } as const;

const CACHED = {
  ...{ name: 'string', model: 'string', displayName: 'string', ttl: 'string', expireTime: 'string' },
  ...{ contents: 'Content[]', systemInstruction: 'Content', tools: 'Tool[]', toolConfig: 'ToolConfig' },
} as const;

const BATCH = { name: 'string', model: 'string', displayName: 'string', priority: 'int64' } as const;

const GEMINI_API: Vocabulary['messages'] = {
  ...COMMON,
  Part: { ...CONTENT.Part, partMetadata: 'struct', toolCall: 'value', toolResponse: 'value' },
  Blob: { mimeType: 'string', data: 'bytes' },
  FileData: { mimeType: 'string', fileUri: 'string' },
  Tool: { ...TOOLS.Tool, fileSearch: 'value', mcpServers: 'value' },
  GoogleSearch: { timeRangeFilter: 'Interval', searchTypes: 'value' },
  ToolConfig: { ...TOOLS.ToolConfig, includeServerSideToolInvocations: 'bool' },
  GenerationConfig: { ...CONFIG.GenerationConfig, enableEnhancedCivicAnswers: 'bool', responseFormat: 'value' },
  GenerateContentRequest: { ...REQUEST, model: 'string', serviceTier: 'string', store: 'bool' },
  CountTokensRequest: { contents: 'Content[]', generateContentRequest: 'GenerateContentRequest' },
  EmbedContentRequest: API_EMBED,
  BatchEmbedContentsRequest: { requests: 'EmbedContentRequest[]' },
  CreateFileRequest: { file: 'File' },
  File: { name: 'string', displayName: 'string', mimeType: 'string', sizeBytes: 'int64' },
  CachedContent: CACHED,
  BatchGenerateContentRequest: { batch: 'GenerateContentBatch' },
  GenerateContentBatch: { ...BATCH, inputConfig: 'BatchInput' },
  BatchInput: { fileName: 'string', requests: 'InlinedRequests' },
  InlinedRequests: { requests: 'InlinedRequest[]' },
  InlinedRequest: { request: 'GenerateContentRequest', metadata: 'struct' },
  AsyncBatchEmbedContentRequest: { batch: 'EmbedContentBatch' },
  EmbedContentBatch: { ...BATCH, inputConfig: 'EmbedBatchInput' },
  EmbedBatchInput: { fileName: 'string', requests: 'InlinedEmbedRequests' },
  InlinedEmbedRequests: { requests: 'InlinedEmbedRequest[]' },
  InlinedEmbedRequest: { request: 'EmbedContentRequest', metadata: 'struct' },
  PredictLongRunningRequest: BEGIN,
};

const { id: _, ...VERTEX_RESPONSE } = CONTENT.FunctionResponse;

const VERTEX: Vocabulary['messages'] = {
  ...COMMON,
  // No ids here: calls and results are paired by their order.
  FunctionCall: { name: 'string', args: 'struct', partialArgs: 'value', willContinue: 'bool' },
  FunctionResponse: VERTEX_RESPONSE,
  ExecutableCode: { language: 'Language', code: 'string' },
  CodeExecutionResult: { outcome: 'Outcome', output: 'string' },
  Tool: { ...TOOLS.Tool, retrieval: 'value', enterpriseWebSearch: 'value' },
  GoogleSearch: { excludeDomains: 'string[]', blockingConfidence: 'string', searchTypes: 'value' },
  FunctionCallingConfig: { ...TOOLS.FunctionCallingConfig, streamFunctionCallArguments: 'bool' },
  GenerationConfig: CLOUD_CONFIG,
  SafetySetting: { ...TOOLS.SafetySetting, method: 'HarmBlockMethod' },
  GenerateContentRequest: { ...REQUEST, labels: 'string{}', modelArmorConfig: 'value' },
  CountTokensRequest: {
    model: 'string',
    instances: 'value[]',
    contents: 'Content[]',
    systemInstruction: 'Content',
    tools: 'Tool[]',
    generationConfig: 'GenerationConfig',
  },
  CachedContent: { ...CACHED, encryptionSpec: 'value' },
  PredictLongRunningRequest: BEGIN,
  FetchPredictOperationRequest: { operationName: 'string' },
  PredictRequest: { instances: 'EmbedInstance[]', parameters: 'EmbedParameters' },
  EmbedInstance: { content: 'string', title: 'string', taskType: 'string' },
  EmbedParameters: { outputDimensionality: 'int32', autoTruncate: 'bool' },
  EmbedContentRequest: {
    content: 'Content',
    taskType: 'string',
    title: 'string',
    outputDimensionality: 'int32',
    autoTruncate: 'bool',
    embedContentConfig: 'EmbedContentConfig',
  },
  EmbedContentConfig: { documentOcr: 'bool', audioTrackExtraction: 'bool' },
};

export const VOCABULARIES: Readonly<Record<Door, Vocabulary>> = {
  'code-assist': { messages: CODE_ASSIST, enums: ENUMS, typePrefix: 'google.cloud.aiplatform.master' },
  'gemini-api': { messages: GEMINI_API, enums: API_ENUMS, typePrefix: 'google.ai.generativelanguage.v1beta' },
  vertex: { messages: VERTEX, enums: ENUMS, typePrefix: 'google.cloud.aiplatform.v1' },
};
