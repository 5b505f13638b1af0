/** A chat request → a call in Gemini's form, and what the way back has to know. Pure. */
import { resolveForAnswers } from '../../../conversation/answering-model.ts';
import { compose } from '../../../conversation/compose.ts';
import { createIgnored } from '../../../conversation/ignored.ts';
import type { AnswerReading } from '../../../conversation/reading.ts';
import { AUTO, toolsFor } from '../../../conversation/tool-choice.ts';
import { newAllowance } from '../../../conversation/markdown-images.ts';
import { NO_TOOLS } from '../../../conversation/tools.ts';
import type { Call } from '../../../gemini/call.ts';
import { shortName } from '../../../gemini/resources.ts';
import type { DecodeNeeds } from '../../prepare.ts';
import { toCall } from '../../to-call.ts';
import { decodeGenerationConfig, wantsImages } from './generation-config.ts';
import { readTurns } from './messages.ts';
import type { ChatRequest } from './request.ts';
import { newKeptFields } from '../content.ts';
import { CLIENT_NAMES, NO_ACCOUNT_FIELDS, readAccountFields } from '../account-fields.ts';
import { readResponseFormat } from '../response-format.ts';
import { readToolChoice } from './tool-choice.ts';
import { isLegacy, readTools } from './tools.ts';

/** What the encoder needs to answer in the client's own terms. */
export interface ChatReading extends AnswerReading {
  /** The client speaks of `functions`, not of `tools`. */
  readonly legacyFunctions: boolean;
  readonly includeUsage: boolean;
}

export interface DecodedChat {
  readonly call: Call;
  readonly reading: ChatReading;
}

const CACHE_FIX = 'Make it anew with POST /v1beta/cachedContents, and send the name from its answer.';

export const decodeChat = (request: ChatRequest, needs: DecodeNeeds): DecodedChat => {
  const resolved = resolveForAnswers(needs.catalogue, request.model);
  const { model } = resolved;
  const ignored = createIgnored(request.ignored);
  const kept = newKeptFields();
  const { tools: sent, functions, web_search_options: search, google } = request;
  const tools =
    (sent ?? functions ?? search ?? google.tools) ? readTools(request, ignored, needs.normalizeSchema) : NO_TOOLS;
  const hasChoice = request.tool_choice !== undefined || request.function_call !== undefined;
  const choice = hasChoice ? readToolChoice(request, tools, ignored) : AUTO;
  if (search && choice.mode === 'NONE') ignored.add('web_search_options');
  const turns = readTurns(request.messages, {
    images: needs.images,
    kept,
    ignored,
    mediaResolution: model.generation >= 3,
    wrappedTools: tools.wrapped,
    written: newAllowance(),
  });
  const images = request.modalities ?? request.image_config ?? google.response_modalities;
  const legacyFunctions = functions !== undefined && isLegacy(request);
  const hasAccountFields = request.service_tier !== undefined || request.metadata !== undefined;
  const conversation = {
    resolved,
    turns,
    param: 'messages',
    tools: toolsFor(tools, choice),
    choice,
    singleCall: request.parallel_tool_calls === false || legacyFunctions,
    json: request.response_format && readResponseFormat(request.response_format, ignored),
    settings: decodeGenerationConfig(request, model, ignored),
    safetySettings: request.google.safety_settings ?? request.safety_settings ?? request.safetySettings,
    ...(hasAccountFields ? readAccountFields(request, ignored) : NO_ACCOUNT_FIELDS),
    imagesAs: images && wantsImages(request) ? ('images' as const) : ('markdown' as const),
    logprobs: request.logprobs === true,
  };
  const { signatures } = needs;
  const { request: composed, reading } = compose(conversation, { signatures, ignored });
  const cachedContent = request.google.cached_content ?? request.cached_content ?? request.cachedContent;
  if (cachedContent !== undefined) kept.note(shortName(cachedContent), 'cached_content', CACHE_FIX);
  const upstream = cachedContent === undefined ? composed : { ...composed, cachedContent };
  const stream = request.stream ?? false;
  const includeUsage = stream && request.stream_options?.include_usage === true;
  return {
    call: toCall(resolved, upstream, stream, needs, { clientNames: CLIENT_NAMES, keptFields: kept.all }),
    reading: { ...reading, legacyFunctions, includeUsage },
  };
};
