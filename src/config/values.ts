import type * as Zod from 'zod';
import { VARIABLES } from './variables.ts';
import type { VariableName } from './variables.ts';

/** What is set, read by the schemas of the variables. */
export type Values = { [Name in VariableName]?: Zod.output<(typeof VARIABLES)[Name]['schema']> | undefined };

/** The same with their defaults. */
export type Filled = {
  [Name in VariableName]: (typeof VARIABLES)[Name] extends { readonly fallback: unknown }
    ? NonNullable<Values[Name]>
    : Values[Name];
};

export const withDefaults = (values: Values): Filled => {
  const filled: Record<string, unknown> = { ...values };
  for (const [name, variable] of Object.entries(VARIABLES)) {
    if ('fallback' in variable) filled[name] ??= variable.fallback;
  }
  return filled as Filled;
};
