/** Model lists in Anthropic's shape. */
import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Caller } from '../../callers/caller.ts';
import { mayUse } from '../../callers/models.ts';
import { failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import type { Catalogue } from '../../gemini/catalogue.ts';
import { askForModels, describeOffered, findOffered, offeredModels } from '../../gemini/offered-models.ts';
import type { OfferedModel } from '../../gemini/offered-models.ts';
import { oneOf } from '../../http/query.ts';
import { sendJson, signalOf } from '../../http/respond.ts';
import type { FormatParts } from '../format.ts';
import { modelIn } from '../model-path.ts';
import { toModelInfo, type AnthropicModel } from './model-info.ts';

export const mountModels = (router: Router, { catalogue, upstream }: FormatParts): void => {
  const list: Middleware = async (ctx): Promise<void> => {
    ctx.state.notes.route = '/v1/models';
    const { caller } = ctx.state;
    const live = await askForModels(upstream, caller, signalOf(ctx));
    const rows = [
      ...claudeRows(catalogue, caller),
      ...offeredModels(catalogue, live, caller).filter(isChat).map(toRow),
    ];
    answer(ctx, pageOf(wantsActive(ctx) ? rows : [], ctx));
  };
  const one: Middleware = async (ctx): Promise<void> => {
    ctx.state.notes.route = '/v1/models/{model}';
    const id = modelIn(ctx.path);
    const { caller } = ctx.state;
    const claude = claudeRows(catalogue, caller).find((row) => row.id === id);
    const live = claude ? [] : await askForModels(upstream, caller, signalOf(ctx));
    const found = claude ? undefined : findOffered(catalogue, live, id, caller);
    const row = claude ?? (found && { ...toRow(found), id });
    if (!row) throw notFound(id, catalogue);
    answer(ctx, row);
  };
  router.get(LIST, list);
  // Ids may hold slashes and colons.
  router.get(ONE, one);
};

const LIST = /^(?:\/anthropic)?(?:\/v1)*\/models\/?$/;
const ONE = /^(?:\/anthropic)?(?:\/v1)*\/models\/.+$/;

/** Names that clients of Anthropic's look for; whatever else `MODEL_ALIASES` takes is served without being listed. */
const CLAUDE = ['opus', 'sonnet', 'haiku', 'fable', 'mythos'];

/** Claude Code offers only names that begin with claude: those that are served, each by whom. */
const claudeRows = (catalogue: Catalogue, caller: Caller): readonly AnthropicModel[] =>
  CLAUDE.flatMap((name) => {
    const id = `claude-${name}`;
    const resolved = catalogue.find(id);
    if (resolved?.isAlias !== true || !mayUse(caller, id, resolved.name, resolved.id)) return [];
    const { model, variants } = resolved;
    const title = `Claude ${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    return [
      toModelInfo({
        id,
        name: `${title} (served by ${model.displayName.replace(/ \(preview\)$/, '')})`,
        line: name,
        model,
        variants,
        inputTokens: model.inputTokenLimit,
        outputTokens: model.outputTokenLimit,
      }),
    ];
  });

const isChat = ({ id, model }: OfferedModel): boolean =>
  model.kind === 'generate' && !CLAUDE.some((name) => id === `claude-${name}`);

const toRow = (offered: OfferedModel): AnthropicModel => toModelInfo({ ...offered, ...describeOffered(offered) });

/** By the query's `lifecycle`, in any of the SDKs' spellings: of a model that is offered it is not known that it ends. */
const wantsActive = ({ query }: Context): boolean => {
  const asked = [query['lifecycle'], query['lifecycle[]']].flat().filter((stage) => stage !== undefined);
  for (const stage of asked) {
    if (!LIFECYCLES.has(stage)) throw wrong('lifecycle', 'lifecycle: active, deprecated or retired is expected.');
  }
  return asked.length === 0 || asked.includes('active');
};

const LIFECYCLES: ReadonlySet<string> = new Set(['active', 'deprecated', 'retired']);

const DEFAULT_LIMIT = 20;
const MOST = 1000;

/** One page, by the query's `limit`, `after_id` and `before_id`. */
const pageOf = (rows: readonly AnthropicModel[], ctx: Context) => {
  const limit = limitOf(oneOf(ctx, 'limit'));
  const [after, before] = [oneOf(ctx, 'after_id'), oneOf(ctx, 'before_id')];
  const start = after === '' ? 0 : placeOf(rows, after, 'after_id') + 1;
  const end = before === '' ? rows.length : placeOf(rows, before, 'before_id');
  const within = rows.slice(start, end);
  // The page before an id ends directly before it.
  const data = before === '' ? within.slice(0, limit) : within.slice(-limit);
  return {
    data,
    has_more: data.length < within.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
};

const limitOf = (text: string): number => {
  if (text === '') return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST) return limit;
  throw wrong('limit', `limit: a number from 1 to ${MOST} is expected.`);
};

const placeOf = (rows: readonly AnthropicModel[], id: string, param: string): number => {
  const place = rows.findIndex((row) => row.id === id);
  if (place === -1) throw wrong(param, `${param}: no model of this list has the id that is given.`);
  return place;
};

const wrong = (param: string, message: string): RelayError => failed('invalid_value', message, { param });

const notFound = (id: string, catalogue: Catalogue): RelayError =>
  failed(
    'model_not_found',
    `model: ${id}. There is no such model; the nearest ids: ${catalogue.nearest(id).join(', ')}. GET /v1/models lists all.`,
    { param: 'model', retryable: false },
  );

const answer = (ctx: Context, body: object): void => {
  sendJson(ctx, JSON.stringify(body), { 'request-id': ctx.state.requestId });
};
