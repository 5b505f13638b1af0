/**
 * Cursor posts bodies of the Responses API to the chat address: `input` in place of `messages`, flat tools, flat
 * formats. They are rewritten as a chat body; the answer stays a chat answer.
 */
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject, writeJson } from '../../../json.ts';
import type { Ignored } from '../../../conversation/ignored.ts';
import { refusal } from '../../../errors/refusal.ts';

interface ChatBody {
  readonly body: JsonObject;
  /** Where each message stood in the client's own body. */
  readonly places: readonly string[];
}

export const isResponsesBody = (body: JsonObject): boolean =>
  (body['messages'] === undefined || body['messages'] === null) &&
  body['input'] !== undefined &&
  body['input'] !== null;

export const fromResponsesBody = (body: JsonObject, ignored: Ignored): ChatBody => {
  refuseStored(body);
  const { input, instructions, text, max_output_tokens, tools, ...others } = body;
  const messages: JsonObject[] = [];
  const places: string[] = [];
  const add = (message: JsonObject, place: string): void => {
    messages.push(message);
    places.push(place);
  };
  if (instructions !== undefined && instructions !== null)
    add({ role: 'system', content: instructions }, 'instructions');
  if (Array.isArray(input)) {
    input.forEach((item: unknown, index) => {
      const place = `input[${index}]`;
      const message = fromItem(item, place);
      if (message) add(message, place);
      else ignored.add(`input (${isObject(item) ? String(item['type']) : typeof item})`);
    });
  } else if (typeof input === 'string') {
    add({ role: 'user', content: input }, 'input');
  } else {
    throw refusal('invalid_type', 'input', "'input' must be a string or an array of items.");
  }
  if (isObject(text)) ignored.rest(text, new Set(['format']), 'text');
  const format = isObject(text) ? text['format'] : undefined;
  return {
    body: {
      ...others,
      messages,
      ...(format !== undefined && { response_format: format }),
      ...(max_output_tokens !== undefined && { max_completion_tokens: max_output_tokens }),
      ...(tools !== undefined && { tools: Array.isArray(tools) ? tools.flatMap(toChatTools) : tools }),
    },
    places,
  };
};

const refuseStored = (body: JsonObject): void => {
  const previous = body['previous_response_id'];
  if (previous !== undefined && previous !== null) {
    throw refusal(
      'previous_response_not_found',
      'previous_response_id',
      'Responses are not stored here, so there is no previous one; send the whole conversation in `input`.',
    );
  }
  for (const name of ['conversation', 'prompt', 'background']) {
    const value = body[name];
    if (value !== undefined && value !== null && value !== false) {
      throw refusal('unsupported_parameter', name, `'${name}' is not supported: nothing is stored here.`);
    }
  }
};

const fromItem = (item: unknown, place: string): JsonObject | undefined => {
  if (typeof item === 'string') return { role: 'user', content: item };
  if (!isObject(item)) throw refusal('invalid_type', place, `'${place}' must be an object.`);
  const type = item['type'] ?? 'message';
  if (type === 'message') return item;
  if (type === 'item_reference') {
    throw refusal(
      'unsupported_value',
      place,
      'Items are not stored here, so none can be referred to; send it in full.',
    );
  }
  if (typeof type !== 'string') return undefined;
  if (type.endsWith('_call_output')) return { role: 'tool', tool_call_id: item['call_id'], content: item['output'] };
  const call = toToolCall(type, item);
  return call && { role: 'assistant', tool_calls: [call] };
};

const toToolCall = (type: string, item: JsonObject): JsonObject | undefined => {
  const id = item['call_id'] ?? item['id'];
  const extra = item['extra_content'];
  switch (type) {
    case 'function_call':
      return {
        id,
        type: 'function',
        function: { name: item['name'], arguments: item['arguments'] },
        extra_content: extra,
      };
    case 'custom_tool_call':
      return { id, type: 'custom', custom: { name: item['name'], input: item['input'] }, extra_content: extra };
    case 'local_shell_call':
    case 'shell_call':
    case 'apply_patch_call': {
      const argument = writeJson(item['action'] ?? item['operation'] ?? {});
      return { id, type: 'function', function: { name: type.slice(0, -'_call'.length), arguments: argument } };
    }
    default:
      return undefined;
  }
};

const toChatTools = (tool: unknown, _index: number, all: readonly unknown[]): readonly unknown[] => {
  const type = isObject(tool) ? tool['type'] : undefined;
  if (!isObject(tool) || typeof type !== 'string') return [tool];
  if (type.startsWith('web_search')) return [{ google_search: {} }];
  if (type === 'code_interpreter' && all.length === 1) return [{ code_execution: {} }];
  if (type === 'namespace' && Array.isArray(tool['tools'])) {
    const prefix = typeof tool['name'] === 'string' ? `${tool['name']}__` : '';
    return tool['tools'].map((inner: unknown) =>
      isObject(inner) && typeof inner['name'] === 'string' ? { ...inner, name: prefix + inner['name'] } : inner,
    );
  }
  return [tool];
};
