/** Messages as sent → turns. Order is as sent, the role `system` included. */
import { imagesInMarkdown, type ImageAllowance } from '../../../conversation/markdown-images.ts';
import { toPastAnswer } from '../../../conversation/past-answers.ts';
import { toPastCall, type PastCall } from '../../../conversation/past-calls.ts';
import { readCarrier } from '../../../conversation/signature-carrier.ts';
import type { Turn } from '../../../conversation/turns.ts';
import { missing, refusal } from '../../../errors/refusal.ts';
import type { JsonObject, Part } from '../../../gemini/types.ts';
import { listBlocks, textOf, textPart, toParts, type BlockNeeds, type ClientBlock } from './blocks-in.ts';
import type { MessagesRequest } from './request.ts';
import { readSystem, readSystemMessage } from './system.ts';

export interface TurnNeeds extends BlockNeeds {
  /** Client names of tools whose arguments travel as `{"value": …}`. */
  readonly wrappedTools: ReadonlySet<string>;
  /** Of pictures in what the model said. */
  readonly written: ImageAllowance;
  /** Of the model: another family's signatures are left out. */
  readonly family: string;
  /** The signature of a text, by what its thinking block carries in place of it. */
  readonly recallText: (reference: unknown) => string | undefined;
}

export const readTurns = ({ system, messages }: MessagesRequest, needs: TurnNeeds): readonly Turn[] => {
  const turns: Turn[] = [];
  if (system !== undefined) turns.push({ kind: 'system', texts: readSystem(system, needs.ignored) });
  let lastUser: number | undefined;
  for (const [index, message] of messages.entries()) {
    const param = `messages[${index}]`;
    if (message['role'] === 'system') {
      lastUser ??= messages.findLastIndex(({ role }) => role === 'user');
      const texts = readSystemMessage(message, param, { ignored: needs.ignored, isLast: index > lastUser });
      turns.push({ kind: 'system', texts });
    } else readMessage(message, param, needs, turns);
  }
  return turns;
};

const readMessage = (message: JsonObject, param: string, needs: TurnNeeds, turns: Turn[]): void => {
  const { role, content } = message;
  needs.ignored.rest(message, MESSAGE_FIELDS, 'messages[]');
  switch (role) {
    case 'user':
      if (typeof content === 'string') turns.push({ kind: 'user', parts: textPart(content) });
      else readUser(listBlocks(content, `${param}.content`, needs.ignored), needs, turns);
      return;
    case 'assistant':
      readModel(listBlocks(content, `${param}.content`, needs.ignored), needs, turns);
      return;
    default:
      throw role === undefined || role === null
        ? missing(`${param}.role`)
        : refusal('invalid_value', `${param}.role`, `'${param}.role' must be one of user, assistant, system.`);
  }
};

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['role', 'content']);

/** What tools answered comes before what the user says. */
const readUser = (blocks: readonly ClientBlock[], needs: TurnNeeds, turns: Turn[]): void => {
  const parts: Part[] = [];
  for (const block of blocks) {
    if (block.type === 'tool_result') {
      const { tool_use_id: id, is_error: isError, content } = block.fields;
      const answer = listBlocks(content, `${block.param}.content`, needs.ignored).flatMap((inner) =>
        toParts(inner, needs),
      );
      turns.push({ kind: 'answer', answer: toPastAnswer({ id, isError: isError === true, parts: answer }) });
    } else {
      for (const part of toParts(block, needs)) parts.push(part);
    }
  }
  turns.push({ kind: 'user', parts });
};

const readModel = (blocks: readonly ClientBlock[], needs: TurnNeeds, turns: Turn[]): void => {
  const carried = carriedSignatures(blocks, needs.family);
  let parts: Part[] = [];
  let calls: PastCall[] = [];
  /** Of the text that follows. */
  let signature: string | undefined;

  const close = (): void => {
    if (parts.length > 0 || calls.length > 0) turns.push({ kind: 'model', parts, calls });
    parts = [];
    calls = [];
  };

  for (const block of blocks) {
    if (block.type === 'thinking' || block.type === 'redacted_thinking') {
      // Thoughts are never sent again, and what another service signed means nothing to Google.
      const given = block.fields['signature'];
      const carrier = readCarrier(given, needs.family);
      signature = carrier ? (carrier.callId === undefined ? carrier.signature : undefined) : needs.recallText(given);
      if (!carrier && signature === undefined) needs.ignored.rest({ signature: given }, NONE, 'messages[].content[]');
    } else if (block.type === 'tool_use') {
      const { id, name, input } = block.fields;
      const sent = { id, name, given: input, param: block.param, signatureOf: (call: string) => carried.get(call) };
      calls.push(toPastCall(sent, needs.wrappedTools));
    } else if (!SERVER_CALLS.has(block.type)) {
      const said =
        block.type === 'text' ? imagesInMarkdown(textOf(block), block.param, needs.written) : toParts(block, needs);
      if (said.length === 0) continue;
      // Within a turn, what is said comes before what is called.
      if (calls.length > 0) close();
      for (const part of withSignature(said, signature)) parts.push(part);
      signature = undefined;
    }
  }
  close();
};

const NONE: ReadonlySet<string> = new Set();

/** Calls that Anthropic's servers made themselves; what they found stands in a block of its own. */
const SERVER_CALLS: ReadonlySet<string> = new Set(['server_tool_use', 'mcp_tool_use']);

/** By id of the call. */
const carriedSignatures = (blocks: readonly ClientBlock[], family: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const { type, fields } of blocks) {
    const carrier = type === 'thinking' ? readCarrier(fields['signature'], family) : undefined;
    if (carrier?.callId !== undefined) found.set(carrier.callId, carrier.signature);
  }
  return found;
};

const withSignature = (parts: readonly Part[], signature: string | undefined): readonly Part[] => {
  const [only] = parts;
  return signature === undefined || parts.length !== 1 || only?.text === undefined
    ? parts
    : [{ ...only, thoughtSignature: signature }];
};
