/** Declared tools and the choice among them → `tools` and `toolConfig`, by what the model can combine. */
import type { FunctionNames } from '../gemini/function-names.ts';
import type { Model } from '../gemini/catalogue.ts';
import type { FunctionDeclaration, Tool, ToolConfig } from '../gemini/types.ts';
import type { Ignored } from './ignored.ts';
import type { ToolChoice } from './tool-choice.ts';
import { toDeclarations, type DeclaredTools } from './tools.ts';

export interface Toolbox {
  readonly tools?: readonly Tool[];
  readonly toolConfig?: ToolConfig;
}

export const NO_TOOLBOX: Toolbox = {};

export const toToolbox = (
  tools: DeclaredTools,
  choice: ToolChoice,
  model: Model,
  names: FunctionNames,
  ignored: Ignored,
): Toolbox => {
  const { mode: asked, only } = choice;
  const functionDeclarations: FunctionDeclaration[] = [];
  const declare = toDeclarations(names, model);
  const wanted = asked === 'AUTO' && only ? new Set(only) : undefined;
  let isStrict = false;
  for (const declared of tools.functions) {
    if (wanted && !wanted.has(declared.name)) continue;
    isStrict ||= declared.strict;
    functionDeclarations.push(declare(declared));
  }
  for (const declaration of tools.native) functionDeclarations.push(declaration);
  const hasFunctions = functionDeclarations.length > 0;
  const builtIns = tools.builtIns.filter((tool) => {
    const usable =
      ('googleSearch' in tool ? model.search : model.tools && model.generation > 0) &&
      !(hasFunctions && model.generation < 3);
    if (!usable) for (const name of Object.keys(tool)) ignored.add(name);
    return usable;
  });
  if (!hasFunctions) return builtIns.length > 0 ? { tools: builtIns } : NO_TOOLBOX;
  const needsCheck = builtIns.length > 0 || (isStrict && model.generation >= 2.5);
  const mode = asked === 'AUTO' && needsCheck ? 'VALIDATED' : asked;
  const all = [{ functionDeclarations }, ...builtIns];
  if (mode === 'AUTO') return { tools: all };
  const allowed = mode === 'ANY' ? only?.map((name) => names.toGemini(name)) : undefined;
  return {
    tools: all,
    toolConfig: { functionCallingConfig: { mode, ...(allowed && { allowedFunctionNames: allowed }) } },
  };
};
