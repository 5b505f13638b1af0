/** What `loadCodeAssist` and `onboardUser` answer, as far as the relay reads it. Both sets of codes are open. */
import { badResponse } from '../../errors/answers.ts';
import type * as Zod from 'zod';
import { z } from '../../engine/zod.ts';

const text = z.string().nullish();

const tier = z.looseObject({
  id: text,
  name: text,
  isDefault: z.boolean().nullish(),
  userDefinedCloudaicompanionProject: z.boolean().nullish(),
});

const ineligibleTier = z.looseObject({
  reasonCode: text,
  reasonMessage: text,
  tierId: text,
  validationUrl: text,
  validationLearnMoreUrl: text,
});

const loadAnswer = z.looseObject({
  currentTier: tier.nullish(),
  paidTier: tier.nullish(),
  allowedTiers: z.array(tier).nullish(),
  ineligibleTiers: z.array(ineligibleTier).nullish(),
  cloudaicompanionProject: text,
});

/** An operation; the project is an object here, where `loadCodeAssist` has a string. */
const operation = z.looseObject({
  name: text,
  done: z.boolean().nullish(),
  error: z.looseObject({ code: z.number().nullish(), message: text }).nullish(),
  response: z.looseObject({ cloudaicompanionProject: z.looseObject({ id: text }).nullish() }).nullish(),
});

export type LoadAnswer = Zod.output<typeof loadAnswer>;
export type IneligibleTier = Zod.output<typeof ineligibleTier>;
export type Operation = Zod.output<typeof operation>;

export const readLoadAnswer = (value: unknown): LoadAnswer => readWith(loadAnswer, value);

export const readOperation = (value: unknown): Operation => readWith(operation, value);

const readWith = <T>(schema: Zod.ZodType<T>, value: unknown): T => {
  const result = schema.safeParse(Array.isArray(value) ? value[0] : value);
  if (result.success) return result.data;
  throw badResponse("Code Assist's answer about the account cannot be read.", result.error.issues.length);
};
