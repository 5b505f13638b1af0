/** The models of routes for one task (speech, transcripts, pictures): whoever can do it, OpenAI's own names included. */
import type { Context } from 'koa';
import { isNewer, withoutPrefixes } from '../../gemini/catalogue.ts';
import type { Model, ResolvedModel } from '../../gemini/catalogue.ts';
import { askForModels, offeredModels } from '../../gemini/offered-models.ts';
import { idsOf } from '../../gemini/wrong-kind.ts';
import { refusal } from '../../errors/refusal.ts';
import { signalOf } from '../../http/respond.ts';
import type { FormatParts } from '../format.ts';
import { tellModel } from '../model-headers.ts';

export interface Task {
  /** `makes no images`: what is wrong with a model that cannot do it. */
  readonly cannot: string;
  readonly can: (model: Model) => boolean;
  /** OpenAI's names for models that do it. */
  readonly names: RegExp;
  /** Which of those that can is meant by a name, '' for none: the newest of these, else the newest of all. */
  readonly isMeant: (model: Model, name: string) => boolean;
}

/**
 * The model that does the task. A name of OpenAI's stands for one of Google's on the routes of its task only, and where
 * MODEL_ALIASES says nothing of it; like any alias it is what the answer calls the model. Throws where none can do it.
 */
export const ableModel = async (
  ctx: Context,
  asked: string | undefined,
  task: Task,
  parts: FormatParts,
): Promise<ResolvedModel> => {
  const { catalogue } = parts;
  const live = await askForModels(parts.upstream, ctx.state.caller, signalOf(ctx));
  const able = offeredModels(catalogue, live, ctx.state.caller)
    .filter(({ model, variants }) => variants.length === 0 && task.can(model))
    .map(({ model }) => model);
  const name = withoutPrefixes(asked?.trim() ?? '').toLowerCase();
  const isOpenAis = task.names.test(name) && !catalogue.find(name);
  if (asked !== undefined && name !== '' && !isOpenAis) {
    if (able.length === 0) throw refusal('unsupported_value', 'model', noneThere(task, parts));
    const resolved = catalogue.resolve(asked);
    if (!task.can(resolved.model)) throw refusal('invalid_value', 'model', cannot(asked, task, able));
    return told(ctx, resolved);
  }
  const [first, ...others] = preferred(able, name, task);
  if (!first) throw refusal('unsupported_value', 'model', noneThere(task, parts));
  const resolved = catalogue.resolve(others.reduce((best, model) => (isNewer(model, best) ? model : best), first).id);
  return told(ctx, isOpenAis && asked !== undefined ? { ...resolved, requested: asked, isAlias: true } : resolved);
};

const preferred = (able: readonly Model[], name: string, { isMeant }: Task): readonly Model[] => {
  const meant = able.filter((model) => isMeant(model, name));
  return meant.length > 0 ? meant : able;
};

const told = (ctx: Context, resolved: ResolvedModel): ResolvedModel => {
  tellModel(ctx, resolved);
  return resolved;
};

const cannot = (asked: string, task: Task, able: readonly Model[]): string =>
  `'${asked.slice(0, LONGEST_NAME)}' ${task.cannot}. Models that do: ${idsOf(able)}.`;

const LONGEST_NAME = 200;

const noneThere = (task: Task, { catalogue }: FormatParts): string =>
  `No model that this relay offers you can do this. Those that can (${idsOf(catalogue.list().filter(task.can))}) are there ` +
  'with an API key (GEMINI_API_KEY, UPSTREAM=gemini-api) or on Vertex AI (UPSTREAM=vertex).';
