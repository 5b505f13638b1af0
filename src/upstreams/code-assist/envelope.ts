/** Code Assist's envelope around a Gemini request and a Gemini answer. */
import { writeBody } from '../../gemini/written-body.ts';
import { badResponse } from '../../errors/answers.ts';
import type { Call, Chunk } from '../../gemini/call.ts';
import type { GenerateContentRequest } from '../../gemini/types.ts';
import type { WrittenBody } from '../../engine/payloads.ts';
import { isObject } from '../../json.ts';
import { findMember } from '../../json/text.ts';
import { only, trimmed, withoutDomains } from '../left-out.ts';

/** The body of a generate call. */
export const wrap = (call: Call, project: string): WrittenBody | Promise<WrittenBody> =>
  writeBody({ model: toWireModel(call.model), project, request: trim(call) }, call.payloads);

/** Code Assist serves this model under its older name. */
export const toWireModel = (model: string): string => (model === 'gemini-3.5-flash' ? 'gemini-3-flash' : model);

/** Takes the envelope off an answer; what was inside stays as Google wrote it, and learns the trace id as its own. */
export const unwrap = (json: string, value: Readonly<Record<string, unknown>>): Chunk => {
  const inner = value.response;
  // Some answers come without the envelope.
  if (inner === undefined || inner === null) return { json, value };
  if (!isObject(inner)) throw badResponse('Google sent an answer whose `response` is of a wrong type.');
  const text = innerText(json, value);
  if (text === undefined) return { json, value };
  const { traceId } = value;
  if (typeof traceId !== 'string' || traceId === '' || inner.responseId !== undefined) {
    return { json: text, value: inner };
  }
  return { json: withMember(text, 'responseId', traceId), value: { ...inner, responseId: traceId } };
};

const HEAD = '{"response":';

/** The text of `response`. Google writes it first and the trace id after it: then nothing need be searched. */
const innerText = (json: string, value: Readonly<Record<string, unknown>>): string | undefined => {
  if (json.startsWith(HEAD)) {
    const tail = typeof value.traceId === 'string' ? `,"traceId":"${value.traceId}"}` : '}';
    const isAll = Object.keys(value).length === (typeof value.traceId === 'string' ? 2 : 1);
    if (isAll && json.endsWith(tail)) return json.slice(HEAD.length, -tail.length).trim();
  }
  const span = findMember(json, 'response');
  return span && json.slice(span.start, span.end);
};

const withMember = (object: string, name: string, value: string): string => {
  const separator = /^\{\s*\}$/.test(object) ? '' : ',';
  return `${object.slice(0, -1)}${separator}"${name}":${JSON.stringify(value)}}`;
};

/** Code Assist refuses fields that it does not know, where the Gemini API takes more every month. */
const trim = (call: Call): GenerateContentRequest => {
  let request = trimmed(call.request, call.native ? REQUEST_FIELDS : FIELDS_OF_OURS, call);
  if (!call.native && request.tools) request = withoutDomains(request, call);
  const config = request.generationConfig;
  if (!isObject(config)) return request;
  const generationConfig = trimmed(config, GENERATION_FIELDS, call, 'generationConfig.');
  return generationConfig === config ? request : { ...request, generationConfig };
};

/**
 * Whether Code Assist does anything with labels, or with sites to leave out, is not known: who did not write Gemini's
 * own form is told that it does not. No session id: it would tell users of the relay apart.
 */
const FIELDS_OF_OURS = only(
  'contents',
  'systemInstruction',
  'cachedContent',
  'tools',
  'toolConfig',
  'safetySettings',
  'generationConfig',
);

const REQUEST_FIELDS = only(...FIELDS_OF_OURS.named, 'labels');

const GENERATION_FIELDS = only(
  'temperature',
  'topP',
  'topK',
  'candidateCount',
  'maxOutputTokens',
  'stopSequences',
  'responseLogprobs',
  'logprobs',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'routingConfig',
  'modelSelectionConfig',
  'responseModalities',
  'mediaResolution',
  'speechConfig',
  'audioTimestamp',
  'thinkingConfig',
  'imageConfig',
);
