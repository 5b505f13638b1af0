/** What many requests have in common: it is looked up and handed to the database once for all that are alike. */
import { createMemo } from '../engine/memo.ts';
import { pricesOf } from './prices.ts';
import type { DatedPrice } from './prices.ts';
import type { EndedRequest } from './request-row.ts';

/** Columns of the table `requests`. */
export interface RequestKind {
  readonly key: string;
  readonly door: string | null;
  readonly format: string | null;
  readonly route: string | null;
  readonly model: string | null;
  readonly served_model: string | null;
  readonly stream: 0 | 1;
  readonly status: number;
  readonly reason: string | null;
  readonly retries: number;
  readonly client: string | null;
}

export interface PricedKind {
  readonly kind: RequestKind;
  readonly prices: readonly DatedPrice[];
}

export type KindOf = (ended: EndedRequest) => PricedKind;

export const createKindOf = (): KindOf => {
  const models = createMemo<Model>(MOST_MODELS, LONGEST_MODEL);
  const modelOf = (written: string | undefined): Model =>
    written === undefined ? NO_MODEL : (models.get(written) ?? models.keep(written, readModel(written)));

  return (ended) => {
    const model = modelOf(ended.model);
    const served = modelOf(ended.servedModel);
    return {
      kind: {
        key: ended.key,
        door: ended.door ?? null,
        format: ended.format ?? null,
        route: ended.route ?? null,
        model: model.name,
        served_model: served.name,
        stream: ended.stream ? 1 : 0,
        status: ended.status,
        reason: ended.reason ?? null,
        retries: ended.retries,
        client: ended.client ?? null,
      },
      prices: served === NO_MODEL ? model.prices : served.prices,
    };
  };
};

/** Whether it is known without looking anything up; `false` says nothing. */
export const isOfKind = (ended: EndedRequest, kind: RequestKind): boolean =>
  ended.model === kind.model &&
  ended.servedModel === kind.served_model &&
  ended.status === kind.status &&
  ended.key === kind.key &&
  ended.door === kind.door &&
  ended.format === kind.format &&
  ended.route === kind.route &&
  ended.stream === (kind.stream === 1) &&
  (ended.reason ?? null) === kind.reason &&
  ended.retries === kind.retries &&
  (ended.client ?? null) === kind.client;

/** The same for all of a kind. The model last: it is the client's, and only of the others it is known that no line ends in them. */
export const nameOfKind = (kind: RequestKind): string =>
  `${kind.key}\n${kind.door ?? ''}\n${kind.format ?? ''}\n${kind.route ?? ''}\n${kind.stream}\n${kind.status}\n` +
  `${kind.reason ?? ''}\n${kind.retries}\n${kind.client ?? ''}\n${kind.served_model ?? ''}\n${kind.model ?? ''}`;

const MOST_MODELS = 256;
const LONGEST_MODEL = 200;

interface Model {
  readonly name: string | null;
  readonly prices: readonly DatedPrice[];
}

const NO_MODEL: Model = { name: null, prices: [] };

/** Whatever else a client writes where a model belongs may be a piece of its prompt, or a key. */
const readModel = (written: string): Model =>
  MODEL_NAME.test(written) && !KEY.test(written) ? { name: written, prices: pricesOf(written) } : NO_MODEL;

const MODEL_NAME = /^[\w.:@/-]{1,200}$/;
/** Of Google, of the relay, of others. */
const KEY = /AIza|AQ\.|gcr_|sk-|ya29\./;

/** An answer of an error, and one that broke off. A client that leaves by itself has not met with an error. */
export const isError = ({ status, reason }: RequestKind): boolean =>
  status === CLIENT_LEFT ? reason !== null && reason !== CLIENT_LEFT_REASON : status >= 400 || reason !== null;

const CLIENT_LEFT = 499;
export const CLIENT_LEFT_REASON = 'client_closed';

/** The same, asked of the table: 1 or 0. */
export const IS_ERROR =
  `CASE WHEN status = ${CLIENT_LEFT} AND COALESCE(reason, '${CLIENT_LEFT_REASON}') = '${CLIENT_LEFT_REASON}' THEN 0 ` +
  'WHEN status >= 400 OR reason IS NOT NULL THEN 1 ELSE 0 END';
