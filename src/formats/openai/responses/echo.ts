/** What a response says of its request, as members of it: written once, for all the events that hold it. */
import { createMemo } from '../../../engine/memo.ts';
import { USUAL_SAMPLING } from '../../../gemini/model-rows.ts';
import { isObject, writeJson } from '../../../json.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import type { ResponsesRequest } from './request.ts';

export const writeEcho = (request: ResponsesRequest, body: JsonObject, isKept: boolean): string => {
  // One that says no more than it must has the echo of the one before.
  if (!isPlain(request) || !isPlain(body)) return written(request, body, isKept);
  const memo = isKept ? KEPT : NOT_KEPT;
  return memo.get(request.model) ?? memo.keep(request.model, written(request, body, isKept));
};

const isPlain = (members: JsonObject): boolean => {
  for (const name in members) if (members[name] !== undefined && !TOLD_OTHERWISE.has(name)) return false;
  return true;
};

/** What has no place in an echo, and the model, by which it is remembered. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set(['model', 'input', 'stream', 'store', 'items', 'ignored']);
const KEPT = createMemo<string>(64, 200);
const NOT_KEPT = createMemo<string>(64, 200);

const written = (request: ResponsesRequest, body: JsonObject, isKept: boolean): string => {
  const { reasoning, tools, tool_choice: choice, parallel_tool_calls: parallel, text } = request;
  const verbosity = isObject(body['text']) ? body['text']['verbosity'] : undefined;
  return (
    `"frequency_penalty":${json(request.frequency_penalty, '0')},"instructions":${json(request.instructions)},` +
    `"max_output_tokens":${json(request.max_output_tokens)},` +
    `"max_tool_calls":${json(body['max_tool_calls'])},"metadata":${json(request.metadata, '{}')},` +
    `"model":${JSON.stringify(request.model)},"parallel_tool_calls":${String(parallel ?? true)},` +
    `"presence_penalty":${json(request.presence_penalty, '0')},` +
    `"previous_response_id":${json(request.previous_response_id)},"prompt_cache_key":${json(body['prompt_cache_key'])},` +
    `"reasoning":{"effort":${json(reasoning?.effort)},"summary":${json(reasoning?.summary)}},` +
    `"safety_identifier":${json(body['safety_identifier'])},"store":${String(isKept)},` +
    `"temperature":${json(request.temperature, TEMPERATURE)},"text":{"format":${json(text?.format, TEXT)}` +
    `${verbosity === undefined ? '' : `,"verbosity":${json(verbosity)}`}},"tool_choice":${json(choice, '"auto"')},` +
    `"tools":${tools === undefined ? '[]' : writeJson(tools.map(inFull))},"top_logprobs":${json(request.top_logprobs, '0')},` +
    `"top_p":${json(request.top_p, TOP_P)},"truncation":${json(request.truncation, '"disabled"')},"user":${json(body['user'])}`
  );
};

const TEXT = '{"type":"text"}';
const TEMPERATURE = String(USUAL_SAMPLING.temperature);
const TOP_P = String(USUAL_SAMPLING.topP);

/** Readers of the open specification want every field of a function to be there. */
const inFull = (tool: JsonObject): JsonObject =>
  tool['type'] === 'function' && typeof tool['name'] === 'string' ? { ...UNSAID, ...tool } : tool;

const UNSAID = { description: null, parameters: null, strict: null };

/** Most clients say next to nothing of all this: what stands in its place is there already. */
const json = (value: unknown, otherwise = 'null'): string =>
  value === undefined || value === null ? otherwise : writeJson(value);
