import type { Door } from './exchange.ts';

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

const ENUMS = {
  Type: ['TYPE_UNSPECIFIED', 'STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'],
  Mode: ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'],
  ThinkingLevel: ['THINKING_LEVEL_UNSPECIFIED', 'LOW', 'HIGH', 'MEDIUM', 'MINIMAL', 'XHIGH'],
  Modality: ['MODALITY_UNSPECIFIED', 'TEXT', 'IMAGE', 'AUDIO'],
  MediaResolution: [
    'MEDIA_RESOLUTION_UNSPECIFIED',
    'MEDIA_RESOLUTION_LOW',
    'MEDIA_RESOLUTION_MEDIUM',
    'MEDIA_RESOLUTION_HIGH',
    'MEDIA_RESOLUTION_ULTRA_HIGH',
  ],
  HarmBlockThreshold: [
    'HARM_BLOCK_THRESHOLD_UNSPECIFIED',
    'BLOCK_LOW_AND_ABOVE',
    'BLOCK_MEDIUM_AND_ABOVE',
    'BLOCK_ONLY_HIGH',
    'BLOCK_NONE',
    'OFF',
  ],
  HarmBlockMethod: ['HARM_BLOCK_METHOD_UNSPECIFIED', 'SEVERITY', 'PROBABILITY'],
  HarmCategory: [
    'HARM_CATEGORY_UNSPECIFIED',
    'HARM_CATEGORY_HATE_SPEECH',
    'HARM_CATEGORY_DANGEROUS_CONTENT',
    'HARM_CATEGORY_HARASSMENT',
    'HARM_CATEGORY_SEXUALLY_EXPLICIT',
    'HARM_CATEGORY_CIVIC_INTEGRITY',
  ],
  Language: ['LANGUAGE_UNSPECIFIED', 'PYTHON'],
  Outcome: ['OUTCOME_UNSPECIFIED', 'OUTCOME_OK', 'OUTCOME_FAILED', 'OUTCOME_DEADLINE_EXCEEDED'],
  Scheduling: ['SCHEDULING_UNSPECIFIED', 'SILENT', 'WHEN_IDLE', 'INTERRUPT'],
  Behavior: ['UNSPECIFIED', 'BLOCKING', 'NON_BLOCKING'],
  DynamicMode: ['MODE_UNSPECIFIED', 'MODE_DYNAMIC'],
  IdeType: [
    'IDE_UNSPECIFIED',
    'VSCODE',
    'INTELLIJ',
    'VSCODE_CLOUD_WORKSTATION',
    'INTELLIJ_CLOUD_WORKSTATION',
    'CLOUD_SHELL',
    'GEMINI_CLI',
  ],
  Platform: ['PLATFORM_UNSPECIFIED', 'DARWIN_AMD64', 'DARWIN_ARM64', 'LINUX_AMD64', 'LINUX_ARM64', 'WINDOWS_AMD64'],
  PluginType: ['PLUGIN_UNSPECIFIED', 'CLOUD_CODE', 'GEMINI', 'AIPLUGIN_INTELLIJ', 'AIPLUGIN_STUDIO'],
  LoadMode: ['MODE_UNSPECIFIED', 'FULL_ELIGIBILITY_CHECK', 'HEALTH_CHECK'],
} as const;

const CONTENT = {
  Content: { role: 'string', parts: 'Part[]' },
  Part: {
    text: 'string',
    thought: 'bool',
    thoughtSignature: 'bytes',
    inlineData: 'Blob',
    speechMetadata: 'SpeechMetadata',
    fileData: 'FileData',
    functionCall: 'FunctionCall',
    functionResponse: 'FunctionResponse',
    executableCode: 'ExecutableCode',
    codeExecutionResult: 'CodeExecutionResult',
    videoMetadata: 'VideoMetadata',
    mediaResolution: 'PartMediaResolution',
  },
  SpeechMetadata: { style: 'string', speaker: 'string' },
  Blob: { mimeType: 'string', data: 'bytes', displayName: 'string' },
  FileData: { mimeType: 'string', fileUri: 'string', displayName: 'string' },
  FunctionCall: { id: 'string', name: 'string', args: 'struct' },
  FunctionResponse: {
    id: 'string',
    name: 'string',
    response: 'struct',
    parts: 'FunctionResponsePart[]',
    willContinue: 'bool',
    scheduling: 'Scheduling',
  },
  FunctionResponsePart: { inlineData: 'Blob', fileData: 'FileData' },
  ExecutableCode: { id: 'string', language: 'Language', code: 'string' },
  CodeExecutionResult: { id: 'string', outcome: 'Outcome', output: 'string' },
  VideoMetadata: { startOffset: 'string', endOffset: 'string', fps: 'float' },
  PartMediaResolution: { level: 'MediaResolution' },
} as const;

const TOOLS = {
  Tool: {
    functionDeclarations: 'FunctionDeclaration[]',
    googleSearch: 'GoogleSearch',
    googleSearchRetrieval: 'GoogleSearchRetrieval',
    codeExecution: 'Empty',
    urlContext: 'Empty',
    googleMaps: 'GoogleMaps',
    computerUse: 'ComputerUse',
  },
  Empty: {},
  GoogleSearch: { timeRangeFilter: 'Interval', excludeDomains: 'string[]' },
  Interval: { startTime: 'string', endTime: 'string' },
  GoogleSearchRetrieval: { dynamicRetrievalConfig: 'DynamicRetrievalConfig' },
  DynamicRetrievalConfig: { mode: 'DynamicMode', dynamicThreshold: 'float' },
  GoogleMaps: { enableWidget: 'bool' },
  ComputerUse: { environment: 'string', excludedPredefinedFunctions: 'string[]' },
  FunctionDeclaration: {
    name: 'string',
    description: 'string',
    parameters: 'Schema',
    parametersJsonSchema: 'value',
    response: 'Schema',
    responseJsonSchema: 'value',
    behavior: 'Behavior',
  },
  // The OpenAPI subset, and nothing of JSON Schema beyond it.
  Schema: {
    type: 'Type',
    format: 'string',
    title: 'string',
    description: 'string',
    nullable: 'bool',
    enum: 'string[]',
    items: 'Schema',
    minItems: 'int64',
    maxItems: 'int64',
    properties: 'Schema{}',
    required: 'string[]',
    propertyOrdering: 'string[]',
    minProperties: 'int64',
    maxProperties: 'int64',
    minLength: 'int64',
    maxLength: 'int64',
    pattern: 'string',
    minimum: 'float',
    maximum: 'float',
    anyOf: 'Schema[]',
    default: 'value',
    example: 'value',
  },
  ToolConfig: { functionCallingConfig: 'FunctionCallingConfig', retrievalConfig: 'RetrievalConfig' },
  FunctionCallingConfig: { mode: 'Mode', allowedFunctionNames: 'string[]' },
  RetrievalConfig: { latLng: 'LatLng', languageCode: 'string' },
  LatLng: { latitude: 'float', longitude: 'float' },
  SafetySetting: { category: 'HarmCategory', threshold: 'HarmBlockThreshold' },
} as const;

const CONFIG = {
  GenerationConfig: {
    temperature: 'float',
    topP: 'float',
    topK: 'float',
    candidateCount: 'int32',
    maxOutputTokens: 'int32',
    stopSequences: 'string[]',
    responseLogprobs: 'bool',
    logprobs: 'int32',
    presencePenalty: 'float',
    frequencyPenalty: 'float',
    seed: 'int32',
    responseMimeType: 'string',
    responseSchema: 'Schema',
    responseJsonSchema: 'value',
    responseModalities: 'Modality[]',
    mediaResolution: 'MediaResolution',
    speechConfig: 'SpeechConfig',
    thinkingConfig: 'ThinkingConfig',
    imageConfig: 'ImageConfig',
  },
  ThinkingConfig: { includeThoughts: 'bool', thinkingBudget: 'int32', thinkingLevel: 'ThinkingLevel' },
  ImageConfig: { aspectRatio: 'string', imageSize: 'string' },
  SpeechConfig: { voiceConfig: 'value', multiSpeakerVoiceConfig: 'value', languageCode: 'string' },
} as const;

const REQUEST = {
  contents: 'Content[]',
  systemInstruction: 'Content',
  cachedContent: 'string',
  tools: 'Tool[]',
  toolConfig: 'ToolConfig',
  safetySettings: 'SafetySetting[]',
  generationConfig: 'GenerationConfig',
} as const;

const COMMON = { ...CONTENT, ...TOOLS, ...CONFIG };

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

const API_EMBED = {
  model: 'string',
  content: 'Content',
  taskType: 'string',
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
  },
};

export const VOCABULARIES: Readonly<Record<Door, Vocabulary>> = {
  'code-assist': { messages: CODE_ASSIST, enums: ENUMS, typePrefix: 'google.cloud.aiplatform.master' },
  'gemini-api': { messages: GEMINI_API, enums: ENUMS, typePrefix: 'google.ai.generativelanguage.v1beta' },
  vertex: { messages: VERTEX, enums: ENUMS, typePrefix: 'google.cloud.aiplatform.v1' },
};
