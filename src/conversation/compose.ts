/** What a client said, in neutral form → a request in Gemini's, and what the way back has to know. */
import { refusal } from '../errors/refusal.ts';
import { lengthOf } from '../gemini/estimate.ts';
import { createFunctionNames, type FunctionNames } from '../gemini/function-names.ts';
import type { ResolvedModel } from '../gemini/catalogue.ts';
import type { SignatureCache } from '../gemini/signatures.ts';
import type { Content, Draft, GenerateContentRequest, GenerationConfig, Loose, Part } from '../gemini/types.ts';
import { argumentsText } from './arguments.ts';
import { toContents } from './history.ts';
import type { Ignored } from './ignored.ts';
import { toJsonConfig, toJsonInstruction, type JsonAnswer } from './json-answer.ts';
import type { AnswerReading } from './reading.ts';
import { NO_TOOLBOX, toToolbox } from './toolbox.ts';
import type { ToolChoice } from './tool-choice.ts';
import { NO_TOOLS, type DeclaredTools } from './tools.ts';
import type { Turn } from './turns.ts';

export interface Conversation {
  readonly resolved: ResolvedModel;
  readonly turns: readonly Turn[];
  /** Where the turns stand in the client's body: for the refusal of a conversation that says nothing. */
  readonly param: string;
  readonly tools: DeclaredTools;
  readonly choice: ToolChoice;
  /** Of all calls in a step only the first is kept. */
  readonly singleCall: boolean;
  readonly json: JsonAnswer | undefined;
  /** Without the form of the answer, which is added here. */
  readonly settings: GenerationConfig;
  readonly safetySettings?: readonly Loose[] | undefined;
  /** Not every door takes these two. */
  readonly serviceTier?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly imagesAs: AnswerReading['imagesAs'];
  readonly logprobs: boolean;
}

export interface ComposeNeeds {
  readonly signatures: SignatureCache;
  readonly ignored: Ignored;
}

export interface Composed {
  readonly request: GenerateContentRequest;
  readonly reading: AnswerReading;
}

export const compose = (conversation: Conversation, needs: ComposeNeeds): Composed => {
  const { resolved, turns, tools, choice, json, settings, safetySettings } = conversation;
  const { model } = resolved;
  const names = createFunctionNames(usedNames(tools, turns));
  const { system, contents } = withSystem(conversation, names, needs);
  const toolbox = tools === NO_TOOLS ? NO_TOOLBOX : toToolbox(tools, choice, model, names, needs.ignored);
  // Before Gemini 3 a type of answer beside tools is a 400: the schema goes along in words then.
  const isEither = json !== undefined && model.generation < 3;
  const dropTools = isEither && choice.mode === 'NONE';
  const inWords = isEither && (resolved.variants.includes('search') || (toolbox.tools !== undefined && !dropTools));
  const generationConfig = json && !inWords ? { ...settings, ...toJsonConfig(json) } : settings;
  const instruction = json && inWords ? [...system, { text: toJsonInstruction(json) }] : system;

  // Member by member: conditional spreads took as long as all the rest of decoding a short request.
  const request: Draft<GenerateContentRequest> = {};
  if (instruction.length > 0) request.systemInstruction = { parts: instruction };
  request.contents = contents;
  if (toolbox.tools && !dropTools) request.tools = toolbox.tools;
  if (toolbox.toolConfig && !dropTools) request.toolConfig = toolbox.toolConfig;
  if (safetySettings && safetySettings.length > 0) request.safetySettings = safetySettings;
  if (Object.keys(generationConfig).length > 0) request.generationConfig = generationConfig;
  if (conversation.serviceTier !== undefined) request.serviceTier = conversation.serviceTier;
  if (conversation.labels) request.labels = conversation.labels;
  const reading: AnswerReading = {
    resolved,
    names,
    customTools: tools.custom,
    wrappedTools: tools.wrapped,
    singleCall: conversation.singleCall || choice.single,
    // From Gemini 3 on as well: where Google refuses both together, a layer asks again in words.
    stripFence: json !== undefined && (inWords || (toolbox.tools !== undefined && !dropTools)),
    imagesAs: conversation.imagesAs,
    showThoughts: showsThoughts(resolved, generationConfig),
    logprobs: conversation.logprobs,
    ignored: needs.ignored.names,
  };
  return { request, reading };
};

/** What the client typed into the model's name is applied behind the format, and beats what the request says. */
const showsThoughts = ({ variants }: ResolvedModel, { thinkingConfig }: GenerationConfig): boolean =>
  variants.includes('maxthinking') || (!variants.includes('nothinking') && thinkingConfig?.includeThoughts !== false);

const usedNames = ({ functions }: DeclaredTools, turns: readonly Turn[]): readonly string[] => {
  const names: string[] = [];
  for (const { name } of functions) names.push(name);
  for (const turn of turns) {
    if (turn.kind === 'model') for (const { name } of turn.calls) names.push(name);
    else if (turn.kind === 'answer' && turn.answer.name !== undefined) names.push(turn.answer.name);
  }
  return names;
};

/** Letters of arguments in one request. What a model can take in has fewer; to look for more would hold up everybody. */
const MOST_RECALLED = 4 * 1024 * 1024;

/** Only the leading system turns are the system instruction; a later one keeps its place in the conversation. */
const withSystem = (
  { resolved: { model }, turns, param }: Conversation,
  names: FunctionNames,
  { signatures }: ComposeNeeds,
): { readonly system: readonly Part[]; readonly contents: readonly Content[] } => {
  const system: Part[] = [];
  let start = 0;
  for (let turn = turns[0]; turn?.kind === 'system'; turn = turns[start]) {
    for (const text of turn.texts) system.push({ text });
    start += 1;
  }
  let recalled = 0;
  const contents = toContents(start === 0 ? turns : turns.slice(start), {
    names,
    model,
    recall: ({ id, name, sentArgs }) => {
      recalled += lengthOf(sentArgs);
      const signature =
        recalled > MOST_RECALLED
          ? undefined
          : signatures.recall({ id, name, args: argumentsText(sentArgs) }, model.family);
      // Models before these sign nothing.
      if (model.generation >= 3) signatures.counts[signature === undefined ? 'miss' : 'hit'] += 1;
      return signature;
    },
  });
  if (contents.length > 0) return { system, contents };
  // Google wants a user to begin: a system text alone is what the user says.
  if (system.length > 0) return { system: [], contents: [{ role: 'user', parts: system }] };
  throw refusal('invalid_value', param, `'${param}' holds no text, image, file or call: there is nothing to answer.`);
};
