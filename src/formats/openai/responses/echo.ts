/** What a response says of its request, as members of it: written once, for all the events that hold it. */
import { isObject, writeJson } from '../../../json.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import type { ResponsesRequest } from './request.ts';

export const writeEcho = (request: ResponsesRequest, body: JsonObject, isKept: boolean): string => {
  const { reasoning, tools, tool_choice: choice, parallel_tool_calls: parallel, text } = request;
  const verbosity = isObject(body['text']) ? body['text']['verbosity'] : undefined;
  return (
    `"instructions":${json(request.instructions)},"max_output_tokens":${json(request.max_output_tokens)},` +
    `"max_tool_calls":${json(body['max_tool_calls'])},"metadata":${json(request.metadata, '{}')},` +
    `"model":${JSON.stringify(request.model)},"parallel_tool_calls":${String(parallel ?? true)},` +
    `"previous_response_id":${json(request.previous_response_id)},"prompt_cache_key":${json(body['prompt_cache_key'])},` +
    `"reasoning":{"effort":${json(reasoning?.effort)},"summary":${json(reasoning?.summary)}},` +
    `"safety_identifier":${json(body['safety_identifier'])},"store":${String(isKept)},` +
    `"temperature":${json(request.temperature)},"text":{"format":${json(text?.format, TEXT)}` +
    `${verbosity === undefined ? '' : `,"verbosity":${json(verbosity)}`}},"tool_choice":${json(choice, '"auto"')},` +
    `"tools":${json(tools, '[]')},"top_logprobs":${json(request.top_logprobs, '0')},` +
    `"top_p":${json(request.top_p)},"truncation":${json(body['truncation'], '"disabled"')},"user":${json(body['user'])}`
  );
};

const TEXT = '{"type":"text"}';

/** Most clients say next to nothing of all this: what stands in its place is there already. */
const json = (value: unknown, otherwise = 'null'): string =>
  value === undefined || value === null ? otherwise : writeJson(value);
