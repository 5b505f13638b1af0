/** A model that was asked for what it cannot do. */
import type { RelayError } from '../errors.ts';
import { refusal } from '../errors/refusal.ts';
import type { Model, ModelKind } from './model-rows.ts';

const WHAT = {
  generate: { does: 'gives answers', place: 'over HTTP: generateContent, chat completions, responses, messages' },
  embed: { does: 'makes embeddings', place: 'at embedContent and /v1/embeddings' },
  live: { does: 'talks live', place: 'over the WebSocket of the Live API (bidiGenerateContent)' },
  film: { does: 'makes films', place: 'at predictLongRunning' },
} as const satisfies Record<ModelKind, { readonly does: string; readonly place: string }>;

const CANNOT = {
  generate: 'gives no answers',
  embed: 'makes no embeddings',
  live: 'does not talk live',
  film: 'makes no films',
} as const satisfies Record<ModelKind, string>;

export const wrongKind = (asked: string, model: Model, kind: ModelKind, able: readonly Model[]): RelayError =>
  refusal(
    'invalid_value',
    'model',
    // What to do first: over a WebSocket no more than a line arrives.
    `'${asked}' ${CANNOT[kind]}. Models that do: ${idsOf(able)}. It ${WHAT[model.kind].does}, ${WHAT[model.kind].place}.`,
  );

/** As a refusal names them: the first few. */
export const idsOf = (models: readonly Model[]): string =>
  models
    .slice(0, MOST_NAMED)
    .map(({ id }) => id)
    .join(', ');

const MOST_NAMED = 8;
