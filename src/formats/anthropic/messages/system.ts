/** What the client says as the system: before the conversation, and within it, where a turn may have its own effort. */
import type { Ignored } from '../../../conversation/ignored.ts';
import { refusal } from '../../../errors/refusal.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import { listBlocks, PLACE, textOf, unknownBlock } from './blocks-in.ts';
import { changeInWords, isToolChange } from './tool-changes.ts';

export const readSystem = (content: unknown, ignored: Ignored): readonly string[] =>
  said(
    listBlocks(content, 'system', ignored).map((block) => {
      if (block.type === 'text') return textOf(block);
      throw refusal('invalid_value', block.param, `'${block.param}': a system prompt holds text only.`);
    }),
  );

/** `isLast`: no user has spoken since. Whatever else stands there is no reason to refuse the conversation. */
export const readSystemMessage = (
  message: JsonObject,
  param: string,
  { ignored, isLast }: { readonly ignored: Ignored; readonly isLast: boolean },
): readonly string[] => {
  ignored.rest(message, MESSAGE_FIELDS, 'messages[]');
  const { content, output_config: output, clear_at: until } = message;
  if (isObject(output)) ignored.rest(output, OUTPUT_FIELDS, 'messages[].output_config');
  const texts = listBlocks(content, `${param}.content`, ignored).map((block) => {
    if (block.type === 'text') return textOf(block);
    if (isToolChange(block.type)) return changeInWords(block.type, block.fields, PLACE, ignored);
    ignored.add(`${PLACE} (${block.type})`);
    return unknownBlock(block.type);
  });
  return until === 'next_user_message' && !isLast ? [] : said(texts);
};

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['role', 'content', 'output_config', 'clear_at']);
const OUTPUT_FIELDS: ReadonlySet<string> = new Set(['effort']);

/** Claude Code says there which version it is; it changes with each request, and would end Google's caching. */
const BILLING = 'x-anthropic-billing-header:';

const said = (texts: readonly string[]): readonly string[] =>
  texts.filter((text, index) => text !== '' && !(index === 0 && text.startsWith(BILLING)));

export interface TurnEffort {
  readonly effort: string;
  readonly param: string;
}

/** Of the turn that the model is in: a system message behind what the user said may set it for this turn alone. */
export const turnEffort = (messages: readonly JsonObject[]): TurnEffort | undefined => {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const { role, content, output_config: output } = messages[index] ?? {};
    // Answers of tools go on with a turn; any other word of the user's begins one.
    if (role === 'user' && !holdsAnswers(content)) return undefined;
    if (role !== 'system' || !isObject(output)) continue;
    const { effort } = output;
    if (typeof effort === 'string') return { effort, param: `messages[${index}].output_config.effort` };
  }
  return undefined;
};

const holdsAnswers = (content: unknown): boolean =>
  Array.isArray(content) && content.some((block: unknown) => isObject(block) && block['type'] === 'tool_result');
