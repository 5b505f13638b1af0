import type { Context } from 'koa';
import type { ResolvedModel } from '../gemini/catalogue.ts';
import { thinksAnyway } from '../gemini/thinking.ts';
import { setHeader } from '../http/head.ts';

/** Notes which model serves a request, and tells its client what the name that it asked for does not. */
export const tellModel = (ctx: Context, resolved: ResolvedModel): void => {
  const { id, name, model, variants, isAlias } = resolved;
  ctx.state.notes.model = name;
  if (isAlias === true) {
    ctx.state.record.alias = resolved.requested;
    setHeader(ctx, 'x-relay-model', id);
  }
  if (variants.includes('nothinking') && thinksAnyway(model)) setHeader(ctx, 'x-relay-thinking', 'minimal');
};
