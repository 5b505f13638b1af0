/**
 * Google's JSON takes every field in two spellings, `systemInstruction` and `system_instruction`; the relay and Code
 * Assist know the first. Fields are renamed where Google defines them and nowhere else: arguments, responses, schemas
 * and labels are the client's own data, and so is what this table does not know.
 */
import type { JsonObject } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';

/** The fields of one message; a field that holds messages names theirs. A map, as `constructor` is no field. */
type Fields = ReadonlyMap<string, Fields | undefined>;

const message = (leaves: string, inner: Readonly<Record<string, Fields>> = {}): Fields =>
  new Map<string, Fields | undefined>([
    ...leaves
      .split(' ')
      .filter((leaf) => leaf !== '')
      .map((leaf) => [leaf, undefined] as const),
    ...Object.entries(inner),
  ]);

const FILES = {
  inlineData: message('mimeType data displayName'),
  fileData: message('mimeType fileUri displayName'),
};

const PART = message('text thought thoughtSignature partMetadata', {
  ...FILES,
  functionCall: message('id name args partialArgs willContinue'),
  functionResponse: message('id name response willContinue scheduling', { parts: message('', FILES) }),
  toolCall: message('id toolType args'),
  toolResponse: message('id toolType response'),
  executableCode: message('id language code'),
  codeExecutionResult: message('id outcome output'),
  videoMetadata: message('startOffset endOffset fps'),
  mediaResolution: message('level numTokens'),
});

const CONTENT = message('role', { parts: PART });

/** Some clients give it as a part, or as a list of parts. */
const SYSTEM: Fields = new Map([...PART, ...CONTENT]);

const TOOL = message('codeExecution urlContext enterpriseWebSearch mcpServers', {
  functionDeclarations: message(
    'name description behavior parameters parametersJsonSchema response responseJsonSchema',
  ),
  googleSearch: message('excludeDomains blockingConfidence searchTypes', {
    timeRangeFilter: message('startTime endTime'),
  }),
  googleSearchRetrieval: message('', { dynamicRetrievalConfig: message('mode dynamicThreshold') }),
  googleMaps: message('enableWidget'),
  computerUse: message('environment excludedPredefinedFunctions'),
  fileSearch: message('fileSearchStoreNames metadataFilter topK'),
  retrieval: message('disableAttribution', { vertexAiSearch: message('datastore engine maxResults filter') }),
});

const VOICE = message('', { prebuiltVoiceConfig: message('voiceName') });

const GENERATION_CONFIG = message(
  'temperature topP topK candidateCount maxOutputTokens stopSequences responseLogprobs logprobs presencePenalty ' +
    'frequencyPenalty seed responseMimeType responseSchema responseJsonSchema responseModalities mediaResolution ' +
    'audioTimestamp enableEnhancedCivicAnswers enableAffectiveDialog responseFormat',
  {
    thinkingConfig: message('includeThoughts thinkingBudget thinkingLevel'),
    imageConfig: message('aspectRatio imageSize personGeneration outputMimeType outputCompressionQuality'),
    speechConfig: message('languageCode', {
      voiceConfig: VOICE,
      multiSpeakerVoiceConfig: message('', { speakerVoiceConfigs: message('speaker', { voiceConfig: VOICE }) }),
    }),
    routingConfig: message('', {
      autoMode: message('modelRoutingPreference'),
      manualMode: message('modelName'),
    }),
    modelSelectionConfig: message('featureSelectionPreference'),
  },
);

/** Its contents are read by themselves: most have nothing to rename. */
const GENERATE = message('model contents cachedContent labels serviceTier store', {
  systemInstruction: SYSTEM,
  tools: TOOL,
  toolConfig: message('includeServerSideToolInvocations', {
    functionCallingConfig: message('mode allowedFunctionNames streamFunctionCallArguments'),
    retrievalConfig: message('languageCode', { latLng: message('latitude longitude') }),
  }),
  safetySettings: message('category threshold method'),
  generationConfig: GENERATION_CONFIG,
});

const EMBED_SETTINGS = 'taskType title outputDimensionality autoTruncate documentOcr audioTrackExtraction';
const EMBED = message(`model ${EMBED_SETTINGS}`, { content: CONTENT, embedContentConfig: message(EMBED_SETTINGS) });

/** Vertex AI's older form of the same. */
const PREDICT = message('', {
  instances: message('content taskType title mimeType'),
  parameters: message('outputDimensionality autoTruncate'),
});

const COUNT = new Map<string, Fields | undefined>([...GENERATE, ['generateContentRequest', GENERATE]]);

/** The fields whose values are the client's own data: they travel as the text they came in. */
export const OPAQUE_FIELDS: ReadonlySet<string> = new Set([
  'args',
  'response',
  'parameters',
  'parametersJsonSchema',
  'parameters_json_schema',
  'responseSchema',
  'response_schema',
  'responseJsonSchema',
  'response_json_schema',
  '_responseJsonSchema',
  'partMetadata',
  'part_metadata',
  'labels',
]);

const EMBEDS = new Map<string, Fields | undefined>([...EMBED, ['requests', EMBED]]);

// Of a request all but its contents. Each gives the same back where nothing is to be renamed, which is nearly always: then
// nothing is built either.
export const renameGenerateFields = (body: JsonObject): JsonObject => renameMembers(body, GENERATE);
export const renameCountFields = (body: JsonObject): JsonObject => renameMembers(body, COUNT);
export const renameEmbedFields = (body: JsonObject): JsonObject => renameMembers(body, EMBEDS);
export const renamePredictFields = (body: JsonObject): JsonObject => renameMembers(body, PREDICT);
export const renameContents = (contents: unknown): unknown => rename(contents, CONTENT);

const rename = (value: unknown, fields: Fields): unknown => {
  if (Array.isArray(value)) return renameItems(value, fields);
  return isObject(value) ? renameMembers(value, fields) : value;
};

const renameItems = (items: readonly unknown[], fields: Fields): readonly unknown[] => {
  let changed: unknown[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = rename(items[index], fields);
    if (item !== items[index]) changed ??= items.slice(0, index);
    changed?.push(item);
  }
  return changed ?? items;
};

const renameMembers = (value: JsonObject, fields: Fields): JsonObject => {
  let changed: [string, unknown][] | undefined;
  for (const key in value) {
    const name = key.includes('_') ? fieldName(key, fields, value) : key;
    const inner = fields.get(name);
    const member = inner ? rename(value[key], inner) : value[key];
    if (name !== key || member !== value[key]) changed ??= entriesBefore(key, value);
    changed?.push([name, member]);
  }
  return changed ? Object.fromEntries(changed) : value;
};

const entriesBefore = (key: string, value: JsonObject): [string, unknown][] => {
  const entries = Object.entries(value);
  return entries.slice(
    0,
    entries.findIndex(([name]) => name === key),
  );
};

const fieldName = (key: string, fields: Fields, owner: Readonly<Record<string, unknown>>): string => {
  if (fields.has(key)) return key;
  const name = key.replace(/_([a-z\d])/g, (_match, letter: string) => letter.toUpperCase());
  // Both spellings at once are Google's to refuse; neither overwrites the other here.
  return fields.has(name) && !Object.hasOwn(owner, name) ? name : key;
};
