/** A request in Anthropic's form → a call in Gemini's, and what the way back has to know. Pure. */
import { resolveForAnswers } from '../../../conversation/answering-model.ts';
import { compose } from '../../../conversation/compose.ts';
import { createIgnored } from '../../../conversation/ignored.ts';
import { KeptFields } from '../../../conversation/kept-fields.ts';
import type { AnswerReading } from '../../../conversation/reading.ts';
import { readReference } from '../../../conversation/signature-carrier.ts';
import { newAllowance } from '../../../conversation/markdown-images.ts';
import { toolsFor } from '../../../conversation/tool-choice.ts';
import type { Call } from '../../../gemini/call.ts';
import type { DecodeNeeds } from '../../prepare.ts';
import { toCall } from '../../to-call.ts';
import { FILE_FIX } from '../file-fix.ts';
import type { MessagesRequest } from './request.ts';
import { CLIENT_NAMES, readFormat, readSettings, readTier } from './settings.ts';
import { takeOver, type OwnTools } from './own-tools.ts';
import { NO_CHOICE, readToolChoice, readTools } from './tools.ts';
import { readTurns } from './turns.ts';

/** What the encoder needs to answer in the client's own terms. */
export interface MessagesReading extends AnswerReading {
  /** Signatures travel in thinking blocks. */
  readonly thinkingBlocks: boolean;
  /** The client's name for its web search, whose findings come as blocks of their own. */
  readonly search: string | undefined;
  /** Google may point into the text at pages that it read. */
  readonly mayCite: boolean;
  /** It waits for what is found: that comes first, and the text in one piece behind it. */
  readonly findingsFirst: boolean;
  /** Those that Google does not look for. */
  readonly stops: readonly string[];
  /** Tools that the relay runs itself. */
  readonly own: OwnTools | undefined;
}

export interface DecodedMessages {
  readonly call: Call;
  readonly reading: MessagesReading;
}

/** Under what a text's signature is remembered: its carrier names this. */
export const textKey = (reference: string) => ({ id: reference, name: 'text', args: '{}' });

export const decodeMessages = (request: MessagesRequest, needs: DecodeNeeds): DecodedMessages => {
  const { catalogue, signatures, images } = needs;
  const resolved = resolveForAnswers(catalogue, request.model);
  const { model } = resolved;
  const ignored = createIgnored(request.ignored);
  const kept = new KeptFields(FILE_FIX);
  const tools = readTools(request, model, ignored, needs.normalizeSchema);
  const { choice: asked, forcesSearch } = request.tool_choice
    ? readToolChoice(request.tool_choice, tools, ignored)
    : NO_CHOICE;
  const { declared, own } = tools.isEither
    ? takeOver(tools, model, ignored)
    : { declared: tools.declared, own: undefined };
  const choice =
    own && forcesSearch && tools.search !== undefined
      ? { ...asked, mode: 'ANY' as const, only: [tools.search] }
      : asked;
  const turns = readTurns(request, {
    images,
    kept,
    ignored,
    wrappedTools: declared.wrapped,
    written: newAllowance(),
    family: model.family,
    recallText: (value) => {
      const reference = readReference(value);
      return reference === undefined ? undefined : signatures.recall(textKey(reference), model.family);
    },
  });
  const hasFormat = request.output_format !== undefined || request.output_config?.format !== undefined;
  const json = hasFormat ? readFormat(request, ignored) : undefined;
  const { config: settings, surplusStops: stops, thinkingBlocks } = readSettings(request, model, ignored);
  const { service_tier: tier } = request;
  const conversation = {
    resolved,
    turns,
    param: 'messages',
    tools: toolsFor(declared, choice),
    choice,
    singleCall: false,
    json,
    settings,
    serviceTier: tier === undefined ? undefined : readTier(tier, ignored),
    imagesAs: 'markdown' as const,
    logprobs: false,
  };
  const { request: upstream, reading } = compose(conversation, { signatures, ignored });
  const stream = request.stream ?? false;
  return {
    call: toCall(resolved, upstream, stream, needs, { clientNames: CLIENT_NAMES, keptFields: kept.all }),
    reading: {
      ...reading,
      thinkingBlocks,
      search: tools.search,
      mayCite: tools.server.size > 0 || resolved.variants.includes('search'),
      findingsFirst: tools.search !== undefined && (forcesSearch || !stream),
      stops,
      own,
    },
  };
};
