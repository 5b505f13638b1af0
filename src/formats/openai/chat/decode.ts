/** A chat request → a call in Gemini's form, and what the way back has to know. Pure. */
import type { Call, CallRecord, Origin } from '../../../gemini/call.ts';
import { createFunctionNames, type FunctionNames } from '../../../gemini/function-names.ts';
import type { normalizeSchema } from '../../../gemini/json-schema.ts';
import type { Catalogue, ResolvedModel } from '../../../gemini/models.ts';
import type { SignatureCache } from '../../../gemini/signatures.ts';
import type {
  Content,
  Draft,
  GenerateContentRequest,
  GenerationConfig,
  JsonObject,
  Part,
} from '../../../gemini/types.ts';
import type { Payloads } from '../../../payloads.ts';
import { createIgnored } from '../../../conversation/ignored.ts';
import { refusal } from '../../../errors/refusal.ts';
import { decodeGenerationConfig, wantsImages } from './generation-config.ts';
import { toContents } from '../../../conversation/history.ts';
import { readTurns, type Turn } from './messages.ts';
import type { ChatRequest } from './request.ts';
import { readResponseFormat, toJsonConfig, toJsonInstruction } from './response-format.ts';
import { readToolChoice } from './tool-choice.ts';
import { decodeTools } from '../../../conversation/toolbox.ts';
import { readTools, type DeclaredTools } from '../../../conversation/tools.ts';

export interface ChatNeeds {
  readonly catalogue: Catalogue;
  readonly normalizeSchema: typeof normalizeSchema;
  readonly signatures: SignatureCache;
  /** Whose Google account answers: signatures of another are worth nothing to it. */
  readonly account: string;
  /** Remote images by URL, fetched before (`remoteImageUrls`). */
  readonly images: ReadonlyMap<string, { readonly mimeType: string; readonly data: string }>;
  readonly origin: Origin;
  readonly record: CallRecord;
  /** What was left out of the body when it was read. */
  readonly payloads?: Payloads | undefined;
}

/** What the encoder needs to answer in the client's own terms. */
export interface ChatReading {
  readonly resolved: ResolvedModel;
  readonly names: FunctionNames;
  /** Client names of tools declared as `custom`: their calls go out as custom calls, `input` taken out of the args. */
  readonly customTools: ReadonlySet<string>;
  /** Client names of tools whose schema is no object: their calls carry `{value}`, and the client gets the value. */
  readonly wrappedTools: ReadonlySet<string>;
  /** The client speaks of `functions`, not of `tools`. */
  readonly legacyFunctions: boolean;
  /** Of all calls in a step only the first is kept. */
  readonly singleCall: boolean;
  readonly includeUsage: boolean;
  /** JSON was asked for in words: a fence around the answer is taken off. */
  readonly stripFence: boolean;
  /** Images in a field of their own, or as markdown for clients that would show nothing otherwise. */
  readonly imagesAs: 'images' | 'markdown';
  readonly showThoughts: boolean;
  readonly logprobs: boolean;
  /** Names of parameters and parts that had no effect. */
  readonly ignored: readonly string[];
}

export interface DecodedChat {
  readonly call: Call;
  readonly reading: ChatReading;
}

export const decodeChat = (request: ChatRequest, needs: ChatNeeds): DecodedChat => {
  const resolved = needs.catalogue.resolve(request.model);
  const { model } = resolved;
  const ignored = createIgnored(request.ignored);

  const tools = readTools(request, ignored, needs.normalizeSchema);
  const choice = readToolChoice(request, tools);
  const wrappedTools = namesOf(tools, 'wrapped');
  const turns = readTurns(request.messages, {
    images: needs.images,
    ignored,
    mediaResolution: model.generation >= 3,
    wrappedTools,
  });
  const names = createFunctionNames(usedNames(tools, turns));

  const { system, contents } = decodeMessages(turns, resolved, names, needs);
  const json = readResponseFormat(request.response_format, ignored);
  const toolbox = decodeTools(tools, choice, model, names, ignored);
  // Before Gemini 3 a type of answer beside tools is a 400: the schema goes along in words then.
  const isEither = json !== undefined && model.generation < 3;
  const dropTools = isEither && choice.mode === 'NONE';
  const inWords = isEither && (resolved.variants.includes('search') || (toolbox.tools !== undefined && !dropTools));
  const settings = decodeGenerationConfig(request, model, ignored);
  const generationConfig = json && !inWords ? { ...settings, ...toJsonConfig(json) } : settings;
  const instruction = json && inWords ? [...system, { text: toJsonInstruction(json) }] : system;
  const safetySettings = request.google.safety_settings ?? request.safety_settings ?? request.safetySettings;

  // Member by member: conditional spreads took as long as all the rest of decoding a short request.
  const upstream: Draft<GenerateContentRequest> = {};
  if (instruction.length > 0) upstream.systemInstruction = { parts: instruction };
  upstream.contents = contents;
  if (toolbox.tools && !dropTools) upstream.tools = toolbox.tools;
  if (toolbox.toolConfig && !dropTools) upstream.toolConfig = toolbox.toolConfig;
  if (safetySettings && safetySettings.length > 0) upstream.safetySettings = safetySettings;
  if (!isEmpty(generationConfig)) upstream.generationConfig = generationConfig;
  const stream = request.stream ?? false;
  return {
    call: {
      model: resolved.name,
      request: upstream,
      stream,
      origin: needs.origin,
      record: needs.record,
      native: false,
      payloads: needs.payloads,
    },
    reading: {
      resolved,
      names,
      customTools: namesOf(tools, 'custom'),
      wrappedTools,
      legacyFunctions: tools.legacy,
      singleCall: request.parallel_tool_calls === false || choice.single,
      includeUsage: stream && request.stream_options?.include_usage === true,
      // From Gemini 3 on as well: where Google refuses both together, a layer asks again in words.
      stripFence: json !== undefined && (inWords || (toolbox.tools !== undefined && !dropTools)),
      imagesAs: wantsImages(request) ? 'images' : 'markdown',
      showThoughts: showsThoughts(resolved, generationConfig),
      logprobs: request.logprobs === true,
      ignored: ignored.list(),
    },
  };
};

/** What the client typed into the model's name is applied behind this format, and beats what the request says. */
const showsThoughts = ({ variants }: ResolvedModel, { thinkingConfig }: GenerationConfig): boolean =>
  variants.includes('maxthinking') || (!variants.includes('nothinking') && thinkingConfig?.includeThoughts !== false);

const isEmpty = (fields: JsonObject): boolean => {
  for (const _name in fields) return false;
  return true;
};

const NO_NAMES: ReadonlySet<string> = new Set();

const namesOf = ({ functions }: DeclaredTools, kind: 'custom' | 'wrapped'): ReadonlySet<string> => {
  let names: Set<string> | undefined;
  for (const declared of functions) if (declared[kind]) (names ??= new Set()).add(declared.name);
  return names ?? NO_NAMES;
};

const usedNames = ({ functions }: DeclaredTools, turns: readonly Turn[]): readonly string[] => {
  const names = functions.map(({ name }) => name);
  for (const turn of turns) {
    if (turn.kind === 'model') for (const { name } of turn.calls) names.push(name);
    else if (turn.kind === 'answer' && turn.answer.name !== undefined) names.push(turn.answer.name);
  }
  return names;
};

/** Only the leading system messages are the system instruction; a later one keeps its place in the conversation. */
const decodeMessages = (
  turns: readonly Turn[],
  { model }: ResolvedModel,
  names: FunctionNames,
  { signatures, account }: ChatNeeds,
): { readonly system: readonly Part[]; readonly contents: readonly Content[] } => {
  const system: Part[] = [];
  let start = 0;
  for (let turn = turns[0]; turn?.kind === 'system'; turn = turns[start]) {
    for (const text of turn.texts) system.push({ text });
    start += 1;
  }
  const contents = toContents(start === 0 ? turns : turns.slice(start), {
    names,
    model,
    recall: ({ id, name, sentArgs }) =>
      signatures.recall({ id, name, args: sentArgs }, { family: model.family, account }),
  });
  if (contents.length > 0) return { system, contents };
  // Google wants a user to begin: a system text alone is what the user says.
  if (system.length > 0) return { system: [], contents: [{ role: 'user', parts: system }] };
  throw refusal(
    'invalid_value',
    'messages',
    "'messages' holds no text, image, file or call: there is nothing to answer.",
  );
};
