/** The tools of a chat request, in all its fields for them → one list of declared tools. */
import { nativeDeclarations, toBuiltIns } from '../../../conversation/built-ins.ts';
import type { Ignored } from '../../../conversation/ignored.ts';
import { NO_TOOLS, ToolList, type DeclaredTools } from '../../../conversation/tools.ts';
import type { normalizeSchema } from '../../../gemini/json-schema.ts';
import { readFunction, readTool } from '../tools.ts';
import type { ChatRequest } from './request.ts';

/** The client speaks of `functions`, as OpenAI did before `tools`. */
export const isLegacy = ({ tools, functions }: ChatRequest): boolean =>
  (tools?.length ?? 0) === 0 && (functions?.length ?? 0) > 0;

export const readTools = (request: ChatRequest, ignored: Ignored, normalize: typeof normalizeSchema): DeclaredTools => {
  const { tools: sent = [], functions = [], web_search_options: webSearch, google } = request;
  if (sent.length === 0 && functions.length === 0 && !webSearch && !google.tools) return NO_TOOLS;
  const list = new ToolList();
  if (sent.length > 0 && functions.length > 0) ignored.add('functions');
  if (sent.length === 0) {
    functions.forEach((tool, index) => {
      list.declare(readFunction(tool, `functions[${index}]`, normalize));
    });
  }
  sent.forEach((tool, index) => {
    readTool(tool, `tools[${index}]`, { list, ignored, normalize });
  });
  if (webSearch) list.addBuiltIn({ googleSearch: {} });
  google.tools?.forEach((tool, index) => {
    const param = `google.tools[${index}]`;
    const builtIns = toBuiltIns(tool, param, ignored);
    const declarations = nativeDeclarations(tool);
    for (const builtIn of builtIns ?? []) list.addBuiltIn(builtIn);
    list.addNative(declarations);
    if (!builtIns && declarations.length === 0) ignored.add(`${param} (${Object.keys(tool).join(' ')})`);
  });
  return list.all();
};
