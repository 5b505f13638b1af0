/** What functions answered, as clients bring it back. */
import { splitSignedId } from '../gemini/signatures.ts';
import type { JsonObject, Part } from '../gemini/types.ts';
import { isObject, writeJson } from '../json.ts';
import { listParts, toPart, type ClientPart, type ContentNeeds } from '../formats/openai/content.ts';
import type { ClientMessage } from '../formats/openai/chat/request.ts';

export interface PastAnswer {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly response: JsonObject;
  readonly media: readonly Part[];
}

/** A message of the role `tool`, or `function` before it. */
export const readToolAnswer = ({ fields, param }: ClientMessage, needs: ContentNeeds): PastAnswer => {
  const parts = listAnswerParts(fields['content'], `${param}.content`);
  const result = parts.length === 1 && parts[0]?.type === 'tool_result' ? parts[0] : undefined;
  return result
    ? readToolResult(result, needs)
    : toAnswer(fields['tool_call_id'], fields['name'], 'output', parts, needs);
};

/** Anthropic's way: a part of a user's content. */
export const readToolResult = ({ fields, param }: ClientPart, needs: ContentNeeds): PastAnswer => {
  const parts = listAnswerParts(fields['content'], `${param}.content`);
  return toAnswer(
    fields['tool_use_id'],
    fields['name'],
    fields['is_error'] === true ? 'error' : 'output',
    parts,
    needs,
  );
};

const toAnswer = (
  id: unknown,
  name: unknown,
  key: 'output' | 'error',
  parts: readonly ClientPart[],
  needs: ContentNeeds,
): PastAnswer => {
  const texts: string[] = [];
  const media: Part[] = [];
  for (const part of parts) {
    // Inside an answer Google knows no resolution of a medium.
    const converted = toPart(part, { ...needs, mediaResolution: false });
    if (converted?.text !== undefined) texts.push(converted.text);
    else if (converted) media.push(converted);
  }
  return {
    id: typeof id === 'string' && id !== '' ? splitSignedId(id).id : undefined,
    name: typeof name === 'string' && name !== '' ? name : undefined,
    // Verbatim text: parsed JSON would lose long integers and meet the keys that mean something here.
    response: { [key]: texts.join('\n') },
    media,
  };
};

/** Some clients put a tool's result there as it is, an object that is no part. */
const listAnswerParts = (content: unknown, param: string): readonly ClientPart[] => {
  const isPlain = isObject(content) ? typeof content['type'] !== 'string' : isPlainList(content);
  return listParts(
    isPlain || typeof content === 'number' || typeof content === 'boolean' ? writeJson(content) : content,
    param,
  );
};

const isPlainList = (content: unknown): boolean =>
  Array.isArray(content) && content.length > 0 && !content.some((item) => typeof item === 'string' || isPart(item));

const isPart = (item: unknown): boolean => isObject(item) && (typeof item['type'] === 'string' || 'text' in item);
