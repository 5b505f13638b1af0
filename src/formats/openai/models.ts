/** Model lists in OpenAI's shape. */
import { hash } from 'node:crypto';
import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Caller } from '../../callers/caller.ts';
import { failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import type { ModelInfo } from '../../gemini/call.ts';
import type { Catalogue } from '../../gemini/catalogue.ts';
import { askForModels, describeOffered, findOffered, offeredModels } from '../../gemini/offered-models.ts';
import type { OfferedModel } from '../../gemini/offered-models.ts';
import { sendJson, signalOf } from '../../http/respond.ts';
import type { FormatParts } from '../format.ts';
import { modelIn } from '../model-path.ts';
import { codexCards } from './codex-cards.ts';
import { under } from './paths.ts';

export const mountModels = (router: Router, parts: FormatParts): void => {
  const list: Middleware = async (ctx): Promise<void> => {
    const live = await askForModels(parts.upstream, ctx.state.caller, signalOf(ctx));
    const offered = offeredModels(parts.catalogue, live, ctx.state.caller).filter(isOpenAis);
    const data = offered.map(toRow);
    if (ctx.query['client_version'] === undefined) sendJson(ctx, JSON.stringify({ object: 'list', data }));
    // Codex reads `models`, everybody else who says a version `data`.
    else sendWithTag(ctx, JSON.stringify({ object: 'list', data, models: codexCards(offered) }));
  };
  const one: Middleware = async (ctx): Promise<void> => {
    ctx.state.notes.route = '/v1/models/{model}';
    const id = modelIn(ctx.path);
    const live = await askForModels(parts.upstream, ctx.state.caller, signalOf(ctx));
    const model = findModel(id, parts.catalogue, live, ctx.state.caller);
    if (!model) throw notFound(id, parts.catalogue);
    sendJson(ctx, JSON.stringify(model));
  };
  router.get(under('/models'), list);
  // Ids may hold slashes and colons.
  router.get(ONE_MODEL, one);
};

/** Codex asks again by the tag of what it has. */
const sendWithTag = (ctx: Context, json: string): void => {
  const etag = `"${hash('sha256', json).slice(0, 32)}"`;
  const isKnown = ctx
    .get('if-none-match')
    .split(',')
    .map((tag) => tag.trim())
    .includes(etag);
  if (isKnown) {
    ctx.set('etag', etag);
    ctx.status = 304;
    return;
  }
  sendJson(ctx, json, { etag });
};

/** OpenAI's four fields, and three more that model pickers and agents read. */
export interface ListedModel {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: 'google';
  readonly display_name: string;
  readonly context_length: number;
  readonly max_output_tokens: number;
}

export const findModel = (
  id: string,
  catalogue: Catalogue,
  live: readonly ModelInfo[],
  caller: Caller,
): ListedModel | undefined => {
  const offered = findOffered(catalogue, live, id, caller);
  const found = offered && isOpenAis(offered) ? offered : undefined;
  // The client's own spelling comes back: some look for it.
  return found && { ...toRow(found), id };
};

/** Live conversations and films are asked for in Google's form alone: nobody is offered what cannot be used here. */
const isOpenAis = ({ model: { kind } }: OfferedModel): boolean => kind === 'generate' || kind === 'embed';

const ONE_MODEL = /^(?:\/v1beta\/openai)?(?:\/v1)*\/models\/.+$/;

const toRow = (offered: OfferedModel): ListedModel => {
  const { name, inputTokens, outputTokens } = describeOffered(offered);
  return {
    id: offered.id,
    object: 'model',
    created: offered.model.created,
    owned_by: 'google',
    display_name: name,
    context_length: inputTokens,
    max_output_tokens: outputTokens,
  };
};

const notFound = (id: string, catalogue: Catalogue): RelayError =>
  failed(
    'model_not_found',
    `The model '${id}' does not exist. The nearest ids: ${catalogue.nearest(id).join(', ')}. GET /v1/models lists all.`,
    { param: 'model', retryable: false },
  );
