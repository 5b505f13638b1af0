/** Layer: another model, where every door refuses the one that was asked for, for want of quota or capacity (`FALLBACKS`). */
import { mayUse } from '../callers/models.ts';
import { RelayError } from '../errors.ts';
import type { Call, Layer } from '../gemini/call.ts';
import type { Catalogue, Model } from '../gemini/catalogue.ts';
import { thinkingForBudget, thinkingForLevel } from '../gemini/thinking.ts';
import type { GenerationConfig, ThinkingConfig } from '../gemini/types.ts';
import type { DoorCause } from '../reasons.ts';
import { troubleWith } from '../reasons.ts';
import { troubleOf } from './causes.ts';

export interface FallbackNeeds {
  /** By the id of the model that is asked for, in the order in which they are tried. */
  readonly fallbacks: () => Readonly<Record<string, readonly string[]>>;
  readonly catalogue: Pick<Catalogue, 'resolve'>;
  readonly log: { info(message: string, fields?: object): void };
}

export const withFallbacks = ({ fallbacks, catalogue, log }: FallbackNeeds): Layer => {
  const standInsFor = (model: string): readonly string[] => fallbacks()[catalogue.resolve(model).id] ?? NONE;

  return (inner) => ({
    ...inner,
    generate: async (call, signal) => {
      try {
        return await inner.generate(call, signal);
      } catch (refusal) {
        for (const standIn of isWantOfQuota(refusal) ? standInsFor(call.model) : NONE) {
          if (signal.aborted) break;
          if (!mayUse(call.origin.caller, standIn)) continue;
          log.info('another model is asked', { model: call.model, standIn, requestId: call.origin.requestId });
          call.record.standIn = standIn;
          try {
            return await inner.generate(askedOf(standIn, call, catalogue), signal);
          } catch {
            // What the client is told is why the model that it asked for is not to be had.
            delete call.record.standIn;
          }
        }
        throw refusal;
      }
    },
  });
};

const NONE: readonly string[] = [];

const isWantOfQuota = (error: unknown): boolean => {
  const cause: DoorCause | undefined = error instanceof RelayError ? troubleOf(error)?.cause : undefined;
  return cause === 'capacity' || (cause !== undefined && troubleWith(cause).isQuota === true);
};

/** The same question in the words of the other model: what it thinks is set in another way from 3 on. */
const askedOf = (standIn: string, call: Call, catalogue: Pick<Catalogue, 'resolve'>): Call => {
  const asked = catalogue.resolve(call.model);
  const { model } = catalogue.resolve(standIn);
  const renamed = { ...call, model: `${standIn}${call.model.slice(asked.id.length)}`, row: model };
  const config = call.request.generationConfig;
  if (!config || model.generation === asked.model.generation) return renamed;
  return { ...renamed, request: { ...call.request, generationConfig: inWordsOf(model, config) } };
};

const inWordsOf = (model: Model, config: GenerationConfig): GenerationConfig => {
  const { thinkingConfig, ...rest } = config;
  if (!thinkingConfig) return config;
  const thinking = thinkingOf(model, thinkingConfig);
  return thinking ? { ...rest, thinkingConfig: thinking } : rest;
};

const thinkingOf = (model: Model, config: ThinkingConfig): ThinkingConfig | undefined => {
  if (!model.thinking) return undefined;
  const { thinkingBudget: budget, thinkingLevel: level, ...rest } = config;
  const own =
    typeof budget === 'number'
      ? thinkingForBudget(model, budget)
      : typeof level === 'string'
        ? thinkingForLevel(model, level)
        : undefined;
  return { ...own, ...rest };
};
