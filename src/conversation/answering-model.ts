/** The model of a conversation: one that answers in words. */
import { refusal } from '../errors/refusal.ts';
import type { Catalogue, ResolvedModel } from '../gemini/catalogue.ts';
import { idsOf } from '../gemini/wrong-kind.ts';

export const resolveForAnswers = (catalogue: Pick<Catalogue, 'resolve' | 'list'>, name: string): ResolvedModel => {
  const resolved = catalogue.resolve(name, 'generate');
  if (!resolved.model.speaks) return resolved;
  const able = catalogue.list().filter(({ speaks }) => !speaks);
  throw refusal(
    'invalid_value',
    'model',
    `'${name}' says texts aloud, and nothing else: POST /v1/audio/speech. Models that answer: ${idsOf(able)}.`,
  );
};
