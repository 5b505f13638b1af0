/** Declared tools and the choice among them → `tools` and `toolConfig`, by what the model can combine. */
import type { FunctionNames } from '../../../gemini/function-names.ts';
import type { Model } from '../../../gemini/models.ts';
import type { Tool, ToolConfig } from '../../../gemini/types.ts';
import type { Ignored } from '../ignored.ts';
import type { ToolChoice } from './tool-choice.ts';
import { toDeclaration, type DeclaredTools } from './tools.ts';

export interface Toolbox {
  readonly tools?: readonly Tool[];
  readonly toolConfig?: ToolConfig;
}

export const decodeTools = (
  tools: DeclaredTools,
  choice: ToolChoice,
  model: Model,
  names: FunctionNames,
  ignored: Ignored,
): Toolbox => {
  const offered = tools.functions.filter(({ name }) => choice.mode !== 'AUTO' || (choice.only?.includes(name) ?? true));
  const functionDeclarations = [...offered.map((declared) => toDeclaration(declared, names, model)), ...tools.native];
  const hasFunctions = functionDeclarations.length > 0;
  const builtIns = tools.builtIns.filter((tool) => {
    const usable =
      ('googleSearch' in tool ? model.search : model.tools && model.generation > 0) &&
      !(hasFunctions && model.generation < 3);
    if (!usable) for (const name of Object.keys(tool)) ignored.add(name);
    return usable;
  });
  if (!hasFunctions) return builtIns.length > 0 ? { tools: builtIns } : {};
  const needsCheck = builtIns.length > 0 || (offered.some(({ strict }) => strict) && model.generation >= 2.5);
  const mode = choice.mode === 'AUTO' && needsCheck ? 'VALIDATED' : choice.mode;
  const allowed = mode === 'ANY' ? choice.only?.map((name) => names.toGemini(name)) : undefined;
  return {
    tools: [{ functionDeclarations }, ...builtIns],
    ...(mode !== 'AUTO' && {
      toolConfig: { functionCallingConfig: { mode, ...(allowed && { allowedFunctionNames: allowed }) } },
    }),
  };
};
