/**
 * Tools that come and go in the midst of a conversation, in blocks of their own: so that the list of tools, and what is
 * cached behind it, stays as it is (betas `mid-conversation-tool-changes` and `inline-tools`).
 */
import type { Ignored } from '../../../conversation/ignored.ts';
import { missing } from '../../../errors/refusal.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import type { MessagesRequest } from './request.ts';

export interface SentTool {
  readonly tool: JsonObject;
  readonly param: string;
}

/** Those that the model may call now. */
export const toolsNow = ({ tools = [], messages }: MessagesRequest): readonly SentTool[] => {
  const sent = tools.map((tool, index): SentTool => ({ tool, param: `tools[${index}]` }));
  const changes = changesIn(messages);
  if (changes.length === 0) return sent;
  const known = new Map(sent.map((one) => [keyOf(one), one]));
  const now = new Map(known);
  for (const { isAddition, tool, param } of changes) {
    const added = isAddition ? definitionIn(tool, param) : undefined;
    if (added) known.set(keyOf(added), added);
    const key = added ? keyOf(added) : nameIn(tool);
    const one = key === undefined ? undefined : known.get(key);
    if (key === undefined || !one) continue;
    // A new form of a tool stands where the old one stood.
    if (isAddition) now.set(key, one);
    else now.delete(key);
  }
  return [...now.values()];
};

/** What the model is told where the tool comes or goes; nothing of a kind of tool that there is only at Anthropic. */
export const changeInWords = (type: string, { tool }: JsonObject, place: string, ignored: Ignored): string => {
  const kind = isObject(tool) && typeof tool['type'] === 'string' ? tool['type'] : 'unknown';
  const name = nameIn(tool);
  if (!KINDS.has(kind) || name === undefined) {
    ignored.add(`${place}.tool (${kind})`);
    return '';
  }
  return type === ADDITION ? `The tool ${name} can be called now.` : `The tool ${name} can no longer be called.`;
};

const ADDITION = 'tool_addition';
const REMOVAL = 'tool_removal';

export const isToolChange = (type: unknown): boolean => type === ADDITION || type === REMOVAL;

/** Others name tools of servers that only Anthropic calls. */
const KINDS: ReadonlySet<string> = new Set(['tool_reference', 'tool_definition']);

interface Change {
  readonly isAddition: boolean;
  readonly tool: unknown;
  readonly param: string;
}

const changesIn = (messages: readonly JsonObject[]): readonly Change[] => {
  const found: Change[] = [];
  for (const [index, { content }] of messages.entries()) {
    if (!Array.isArray(content)) continue;
    for (const [at, block] of content.entries()) {
      if (!isObject(block) || !isToolChange(block['type'])) continue;
      const { type, tool } = block;
      found.push({ isAddition: type === ADDITION, tool, param: `messages[${index}].content[${at}].tool` });
    }
  }
  return found;
};

const definitionIn = (tool: unknown, param: string): SentTool | undefined => {
  if (!isObject(tool) || tool['type'] !== 'tool_definition') return undefined;
  const place = `${param}.definition`;
  if (isObject(tool['definition'])) return { tool: tool['definition'], param: place };
  throw missing(place);
};

/** A set of tools has no name. */
const keyOf = ({ tool: { name }, param }: SentTool): string => (typeof name === 'string' ? name : param);

const nameIn = (tool: unknown): string | undefined => {
  if (!isObject(tool)) return undefined;
  const { name } = isObject(tool['definition']) ? tool['definition'] : tool;
  return typeof name === 'string' ? name : undefined;
};
