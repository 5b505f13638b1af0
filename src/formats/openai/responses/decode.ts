/** A Responses request → a call in Gemini's form, and what the way back has to know. Pure. */
import { resolveForAnswers } from '../../../conversation/answering-model.ts';
import { compose } from '../../../conversation/compose.ts';
import { createIgnored, type Ignored } from '../../../conversation/ignored.ts';
import { addPenalties, addSampling } from '../../../conversation/sampling.ts';
import { addOutputLimit, checkEffort, decideThinking } from '../../../conversation/thinking.ts';
import { AUTO, checkToolChoice, toolsFor, type ToolChoice } from '../../../conversation/tool-choice.ts';
import { newAllowance } from '../../../conversation/markdown-images.ts';
import type { DeclaredTools } from '../../../conversation/tools.ts';
import type { Turn } from '../../../conversation/turns.ts';
import type { Call } from '../../../gemini/call.ts';
import type { Model } from '../../../gemini/catalogue.ts';
import type { Draft, GenerationConfig, JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import type { DecodeNeeds } from '../../prepare.ts';
import { toCall } from '../../to-call.ts';
import { newKeptFields } from '../content.ts';
import { CLIENT_NAMES, readAccountFields } from '../account-fields.ts';
import { readResponseFormat } from '../response-format.ts';
import { toToolChoice } from '../tool-choice.ts';
import { COMPACT_INSTRUCTION } from './compaction.ts';
import { areMessages, asksToCompact, readItems } from './items.ts';
import type { Namespaces } from './namespaces.ts';
import type { ResponsesReading } from './reading.ts';
import type { ResponsesRequest } from './request.ts';
import { noTools, readTools, type ReadTools } from './tools.ts';

export interface DecodedResponses {
  readonly call: Call;
  readonly reading: ResponsesReading;
}

export const decodeResponses = (request: ResponsesRequest, needs: DecodeNeeds): DecodedResponses => {
  const resolved = resolveForAnswers(needs.catalogue, request.model);
  const { model } = resolved;
  const ignored = createIgnored(request.ignored);
  const kept = newKeptFields();
  noteOptions(request, ignored);
  const isTalk = areMessages(request.items);
  const read =
    isTalk && request.tools === undefined ? noTools() : readTools(request, model, ignored, needs.normalizeSchema);
  const { tools, namespaces } = read;
  const compacts = !isTalk && asksToCompact(request.items);
  const { tool_choice: sent } = request;
  const choice = compacts ? NO_CALL : sent === undefined ? AUTO : readChoice(sent, read, ignored);
  const summarizes = wantsSummary(request);
  const logprobs = wantsLogprobs(request);
  const turns = readItems(request.items, isTalk, {
    images: needs.images,
    kept,
    ignored,
    mediaResolution: model.generation >= 3,
    wrappedTools: tools.wrapped,
    written: newAllowance(),
    namespaces,
    family: model.family,
  });
  const conversation = {
    resolved,
    turns: request.instructions === undefined && !compacts ? turns : withInstructions(request, turns, compacts),
    param: 'input',
    tools: toolsFor(tools, choice),
    choice,
    singleCall: request.parallel_tool_calls === false,
    json:
      request.text?.format && !compacts ? readResponseFormat(request.text.format, ignored, 'text.format') : undefined,
    settings: decodeSettings(request, { model, paints: read.paints, summarizes, logprobs, ignored }),
    ...readAccountFields(request, ignored),
    imagesAs: read.paints ? ('images' as const) : ('markdown' as const),
    logprobs,
  };
  const { signatures } = needs;
  const { request: upstream, reading } = compose(conversation, { signatures, ignored });
  const stream = request.stream ?? false;
  return {
    call: toCall(resolved, upstream, stream, needs, { clientNames: CLIENT_NAMES, keptFields: kept.all }),
    reading: {
      ...reading,
      showThoughts: reading.showThoughts && summarizes,
      namespaces,
      // Who keeps nothing here has to keep them itself.
      carriers: request.store === false || isIncluded(request, CARRIERS),
      searchSources: isIncluded(request, SOURCES),
      compacts,
    },
  };
};

/** What is asked for besides, as far as it is not done anyway. */
const noteOptions = ({ include, truncation }: ResponsesRequest, ignored: Ignored): void => {
  if (truncation !== undefined && truncation !== 'disabled') ignored.add('truncation');
  if (include) for (const name of include) if (!INCLUDED.has(name)) ignored.add(`include (${name})`);
};

const LOGPROBS = 'message.output_text.logprobs';
const CARRIERS = 'reasoning.encrypted_content';
const SOURCES = 'web_search_call.action.sources';
const INCLUDED: ReadonlySet<string> = new Set([LOGPROBS, CARRIERS, SOURCES]);

const NO_CALL: ToolChoice = { ...AUTO, mode: 'NONE' };

const withInstructions = (
  { instructions }: ResponsesRequest,
  turns: readonly Turn[],
  compacts: boolean,
): readonly Turn[] => {
  const texts = textsIn(instructions);
  if (texts.length === 0 && !compacts) return turns;
  const all: Turn[] = texts.length === 0 ? [...turns] : [{ kind: 'system', texts }, ...turns];
  if (compacts) all.push({ kind: 'user', parts: [{ text: COMPACT_INSTRUCTION }] });
  return all;
};

/** As a list of messages they come where a client sends back what a response says of itself. */
const textsIn = (instructions: ResponsesRequest['instructions']): readonly string[] => {
  if (instructions === undefined || instructions === '') return [];
  if (typeof instructions === 'string') return [instructions];
  return instructions.flatMap(({ content }) => contentTexts(content));
};

const contentTexts = (content: unknown): readonly string[] => {
  if (typeof content === 'string') return content === '' ? [] : [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown) =>
    isObject(part) && typeof part['text'] === 'string' && part['text'] !== '' ? [part['text']] : [],
  );
};

const readChoice = (sent: string | JsonObject, { tools, namespaces }: ReadTools, ignored: Ignored): ToolChoice => {
  const given = typeof sent === 'string' ? sent : joined(sent, namespaces);
  const choice = toToolChoice(given, 'tool_choice', ignored);
  if (choice.mode !== 'ANY' || choice.only || !hasBuiltInsAlone(tools)) {
    return checkToolChoice(choice, tools, 'tool_choice');
  }
  // Google's own tools can't be forced: a model that has nothing else uses them when it should.
  ignored.add('tool_choice');
  return { ...AUTO, single: choice.single };
};

const hasBuiltInsAlone = ({ functions, native, builtIns }: DeclaredTools): boolean =>
  builtIns.length > 0 && functions.length === 0 && native.length === 0;

/** Wherever a choice names a tool of a namespace: in itself, or in its list. */
const joined = (choice: JsonObject, namespaces: Namespaces): JsonObject => {
  const { namespace, name, tools } = choice;
  if (typeof namespace === 'string' && namespace !== '' && typeof name === 'string') {
    return { ...choice, name: namespaces.join(namespace, name) };
  }
  if (!Array.isArray(tools)) return choice;
  return { ...choice, tools: tools.map((tool: unknown) => (isObject(tool) ? joined(tool, namespaces) : tool)) };
};

interface SettingsNeeds {
  readonly model: Model;
  readonly paints: boolean;
  readonly summarizes: boolean;
  readonly logprobs: boolean;
  readonly ignored: Ignored;
}

const decodeSettings = (
  request: ResponsesRequest,
  { model, paints, summarizes, logprobs, ignored }: SettingsNeeds,
): GenerationConfig => {
  const config: Draft<GenerationConfig> = {};
  const { top_logprobs: topLogprobs, max_output_tokens: most, reasoning } = request;
  addSampling(config, request, model, ignored);
  addPenalties(config, request, model, ignored);
  if (logprobs) {
    config['responseLogprobs'] = true;
    if (topLogprobs !== undefined) config['logprobs'] = topLogprobs;
  }
  const effort = reasoning?.effort;
  const name = 'reasoning.effort';
  const wishes = effort === undefined ? [] : [{ name, effort: checkEffort(effort, name) }];
  // Google would send what nobody is shown; signatures come without.
  const shown = summarizes ? undefined : false;
  addOutputLimit(config, most, decideThinking(wishes, shown, model, ignored), model);
  if (paints) config['responseModalities'] = ['TEXT', 'IMAGE'];
  return config;
};

const wantsSummary = ({ reasoning }: ResponsesRequest): boolean => {
  const summary = reasoning?.summary ?? reasoning?.generate_summary;
  return summary !== undefined && summary !== 'none';
};

const wantsLogprobs = (request: ResponsesRequest): boolean =>
  (request.top_logprobs !== undefined && request.top_logprobs > 0) || isIncluded(request, LOGPROBS);

const isIncluded = ({ include }: ResponsesRequest, name: string): boolean => include?.includes(name) === true;
