import { refusal } from '../errors/refusal.ts';
import type { DeclaredTools } from './tools.ts';

/** Which functions may be called, and whether one must be. */
export interface ToolChoice {
  readonly mode: 'NONE' | 'AUTO' | 'ANY';
  /** Client names: of ANY those that may be called, of AUTO those that are declared at all. All where undefined. */
  readonly only: readonly string[] | undefined;
  /** Of all calls in a step only the first is wanted. */
  readonly single: boolean;
}

export const AUTO: ToolChoice = { mode: 'AUTO', only: undefined, single: false };

/** The choice, or a refusal where it asks for what is not declared. */
export const checkToolChoice = (
  choice: ToolChoice,
  { functions, native }: DeclaredTools,
  param: string,
): ToolChoice => {
  if (choice.mode !== 'ANY' && !choice.only) return choice;
  const declared = new Set<string>();
  for (const { name } of [...functions, ...native]) if (name !== undefined) declared.add(name);
  if (declared.size === 0 && choice.mode === 'ANY') {
    throw refusal('invalid_value', param, `'${param}' asks for a call, but no function is declared in \`tools\`.`);
  }
  const unknown = declared.size === 0 ? undefined : choice.only?.find((name) => !declared.has(name));
  if (unknown === undefined) return choice;
  const message = `'${param}' names the function '${unknown}', which \`tools\` does not declare.`;
  throw refusal('invalid_value', param, message);
};

/** Where none is to be used: Google has a word for functions alone, and would use its own tools all the same. */
export const toolsFor = (tools: DeclaredTools, { mode }: ToolChoice): DeclaredTools =>
  mode === 'NONE' && tools.builtIns.length > 0 ? { ...tools, builtIns: [] } : tools;
