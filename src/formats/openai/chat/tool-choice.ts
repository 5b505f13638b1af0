/** `tool_choice`, and `function_call` before it: which functions may be called, and whether one must be. */
import type { Ignored } from '../../../conversation/ignored.ts';
import { AUTO, checkToolChoice, type ToolChoice } from '../../../conversation/tool-choice.ts';
import type { DeclaredTools } from '../../../conversation/tools.ts';
import { toToolChoice } from '../tool-choice.ts';
import type { ChatRequest } from './request.ts';

export const readToolChoice = (request: ChatRequest, tools: DeclaredTools, ignored: Ignored): ToolChoice => {
  const param = request.tool_choice === undefined ? 'function_call' : 'tool_choice';
  const sent = request[param];
  return sent === undefined ? AUTO : checkToolChoice(toToolChoice(sent, param, ignored), tools, param);
};
