/** Answers by their ids: to see again, to see what they were made from, to call off, to forget. */
import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import { failed } from '../../../errors.ts';
import { refusal } from '../../../errors/refusal.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { sendJson } from '../../../http/respond.ts';
import { isObject, listOf, writeJson } from '../../../json.ts';
import { under } from '../paths.ts';
import { inputOf } from './history.ts';
import type { KeptAnswer, KeptAnswers } from './kept.ts';
import { readPage } from './page.ts';
import type { RunningAnswers } from './running.ts';
import type { RunningElsewhere } from './running-elsewhere.ts';
import type { SharedAnswers } from './shared-answers.ts';

export interface StoredNeeds {
  readonly kept: KeptAnswers;
  readonly shared: SharedAnswers;
  readonly running: RunningAnswers;
  readonly elsewhere: RunningElsewhere;
}

export const mountStored = (router: Router, { kept, shared, running, elsewhere }: StoredNeeds): void => {
  const findKept = async (id: string, holder: string): Promise<KeptAnswer | undefined> => {
    await shared.load({ answers: [id], items: [] }, holder);
    return kept.find(id, holder);
  };

  router.get(under('/responses/:id'), async (ctx) => {
    const { id, holder } = whoAsksForWhat(ctx);
    if (ctx.query['stream'] === 'true') {
      throw refusal('unsupported_parameter', 'stream', "'stream' is not supported here: an answer is streamed once.");
    }
    const here = running.look(id, holder) ?? kept.find(id, holder)?.texts.response;
    if (here !== undefined) {
      sendJson(ctx, here);
      return;
    }
    const looking = elsewhere.look(id, holder);
    const told = (await findKept(id, holder))?.texts.response ?? (await looking);
    if (told === undefined) throw notFound(id);
    sendJson(ctx, told);
  });

  router.delete(under('/responses/:id'), async (ctx) => {
    const { id, holder } = whoAsksForWhat(ctx);
    if (!(await shared.forget(id, holder))) throw notFound(id);
    sendJson(ctx, JSON.stringify({ id, object: 'response', deleted: true }));
  });

  router.get(under('/responses/:id/input_items'), async (ctx) => {
    const { id, holder } = whoAsksForWhat(ctx);
    const answer = await findKept(id, holder);
    if (!answer) throw notFound(id);
    const { data, hasMore } = readPage(ctx.query, inputOf(answer).map(asInputItem));
    const [first, last] = [data[0], data.at(-1)].map((item) => item?.['id'] ?? null);
    sendJson(ctx, writeJson({ object: 'list', data, first_id: first, last_id: last, has_more: hasMore }));
  });

  router.post(under('/responses/:id/cancel'), async (ctx) => {
    const { id, holder } = whoAsksForWhat(ctx);
    const here = running.callOff(id, holder);
    if (here !== undefined) {
      sendJson(ctx, here);
      return;
    }
    const callingOff = kept.find(id, holder) ? undefined : elsewhere.callOff(id, holder);
    const [ended, told] = await Promise.all([findKept(id, holder), callingOff]);
    // One that was called off there may be kept by now.
    if (told === undefined) throw ended ? hasEnded(id) : notFound(id);
    sendJson(ctx, told);
  });
};

const whoAsksForWhat = (ctx: RouterContext): { readonly id: string; readonly holder: string } => ({
  id: ctx.params['id'] ?? '',
  holder: ctx.state.caller.id,
});

/** An item in the form that the API tells it in, whatever its client left out. */
const asInputItem = (item: JsonObject): JsonObject => {
  const { type, content, role } = item;
  if (type !== 'message') return CALL_OR_OUTPUT.test(String(type)) ? { status: 'completed', ...item } : item;
  const own = role === 'assistant' ? 'output_text' : 'input_text';
  const parts =
    typeof content === 'string' ? [{ type: own, text: content }] : listOf(isObject(content) ? [content] : content);
  return { status: 'completed', ...item, content: parts.map(asInputPart) };
};

const CALL_OR_OUTPUT = /_(?:call|output)$/;

const asInputPart = (part: unknown): unknown =>
  isObject(part) && part['type'] === 'output_text' ? { annotations: [], ...part } : part;

const hasEnded = (id: string) =>
  refusal('invalid_value', 'id', `The response '${id}' has ended: there is nothing to call off.`);

const notFound = (id: string) =>
  failed('response_not_found', `No response '${id}' is kept here for this key (RESPONSES_TTL_HOURS says how long).`, {
    param: 'id',
  });
