/** What functions answered, in a chat client's history: messages of their own, and Anthropic's parts. */
import { toPastAnswer, type PastAnswer } from '../../../conversation/past-answers.ts';
import type { Part } from '../../../gemini/types.ts';
import { isObject, writeJson } from '../../../json.ts';
import { listParts, toPart, type ClientPart, type ContentNeeds } from '../content.ts';
import type { ClientMessage } from './request.ts';

/** A message of the role `tool`, or `function` before it. */
export const readToolAnswer = ({ fields, param }: ClientMessage, needs: ContentNeeds): PastAnswer => {
  const { content, tool_call_id: id, name } = fields;
  if (typeof content === 'string') return toPastAnswer({ id, name, isError: false, parts: textParts(content) });
  const parts = listAnswerParts(content, `${param}.content`);
  const result = parts.length === 1 && parts[0]?.type === 'tool_result' ? parts[0] : undefined;
  if (result) return readToolResult(result, needs);
  return toPastAnswer({ id, name, isError: false, parts: convert(parts, needs) });
};

/** Anthropic's way: a part of a user's content. */
export const readToolResult = ({ fields, param }: ClientPart, needs: ContentNeeds): PastAnswer => {
  const parts = readAnswerParts(fields['content'], `${param}.content`, needs);
  needs.ignored.restOfEach(fields, RESULT_FIELDS, param);
  const { tool_use_id: id, name } = fields;
  return toPastAnswer({ id, name, isError: fields['is_error'] === true, parts });
};

const RESULT_FIELDS: ReadonlySet<string> = new Set(['type', 'tool_use_id', 'content', 'is_error', 'name']);

/** What a function answered, wherever a client puts it. */
export const readAnswerParts = (content: unknown, param: string, needs: ContentNeeds): readonly Part[] =>
  typeof content === 'string' ? textParts(content) : convert(listAnswerParts(content, param), needs);

const textParts = (text: string): readonly Part[] => (text === '' ? [] : [{ text }]);

const convert = (parts: readonly ClientPart[], needs: ContentNeeds): readonly Part[] =>
  parts.map((part) => toPart(part, { ...needs, mediaResolution: false })).filter((part) => part !== undefined);

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
