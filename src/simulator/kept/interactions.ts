/** The Interactions API. */
import type { Ask } from '../exchange.ts';
import { invalidArgument, notFound } from '../google-error.ts';
import { findModel } from '../models.ts';
import { bytes, jsonReply } from '../reply.ts';
import type { Reply } from '../reply.ts';
import { isFields, stringOf } from '../values.ts';
import type { Fields } from '../values.ts';
import type { KeptAsk, KeptNeeds } from './needs.ts';
import { newId, timeAfter } from './shelf.ts';
import { find, noEntity } from './things.ts';

const USAGE = {
  total_input_tokens: 7,
  total_cached_tokens: 2,
  total_output_tokens: 5,
  total_thought_tokens: 3,
  total_tokens: 15,
};

const event = (type: string, fields: Fields): string =>
  `event: ${type}\ndata: ${JSON.stringify({ event_type: type, ...fields })}\n\n`;

const readObject = ({ text }: Ask): Fields => {
  try {
    const value: unknown = JSON.parse(text);
    if (isFields(value)) return value;
  } catch {
    // Told below.
  }
  throw invalidArgument('Invalid JSON payload received.');
};

export const interactions = {
  create: (needs: KeptNeeds, { ask, project }: KeptAsk): Reply => {
    const { kept, account, now } = needs;
    const body = readObject(ask);
    const model = stringOf(body.model);
    if ((model === '') === (stringOf(body.agent) === ''))
      throw invalidArgument('Exactly one of model and agent is needed.');
    if (model !== '' && !findModel('gemini-api', model, account)) throw notFound(`Model '${model}' is not found.`);
    if (body.input === undefined) throw invalidArgument('input is needed.');
    if (body.background === true && body.store === false) throw invalidArgument('background needs store=true.');
    const previous = body.previous_interaction_id;
    if (previous !== undefined && !kept.interactions.find(`interactions/${stringOf(previous)}`, project)) {
      throw notFound(`Interaction '${stringOf(previous)}' is not found.`);
    }
    if (model !== '') needs.charge(project, model);
    const id = `v1_${newId(32)}`;
    const started: Fields = {
      id,
      object: 'interaction',
      ...(model === '' ? { agent: body.agent } : { model }),
      created: timeAfter(now(), 0),
      status: 'in_progress',
    };
    const steps = [{ type: 'model_output', content: [{ type: 'text', text: 'An interaction.' }] }];
    const finished: Fields = { ...started, status: 'completed', role: 'model', steps, usage: USAGE };
    if (body.store !== false) kept.interactions.put(`interactions/${id}`, { project, fields: finished, pending: 0 });
    if (body.stream !== true) return jsonReply(finished);
    const frames = [
      event('interaction.created', { interaction: started }),
      event('interaction.status_update', { interaction_id: id, status: 'in_progress' }),
      event('step.start', { index: 0, step: { type: 'model_output' } }),
      event('step.delta', { index: 0, delta: { type: 'text', text: 'An ' } }),
      event('step.delta', { index: 0, delta: { type: 'text', text: 'interaction.' } }),
      event('step.stop', { index: 0 }),
      event('interaction.completed', { interaction: finished }),
      'event: done\ndata: [DONE]\n\n',
    ];
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      steps: frames.map((frame) => bytes(frame)),
    };
  },
  get: ({ kept }: KeptNeeds, { name, project }: KeptAsk): Reply =>
    jsonReply(find(kept.interactions, name, project, noEntity).fields),
  cancel: ({ kept }: KeptNeeds, { name, project }: KeptAsk): Reply => {
    const one = find(kept.interactions, name, project, noEntity);
    if (one.fields.status === 'completed') throw invalidArgument('The interaction is not running.');
    return jsonReply({ ...one.fields, status: 'cancelled' });
  },
  delete: ({ kept }: KeptNeeds, { name, project }: KeptAsk): Reply => {
    find(kept.interactions, name, project, noEntity);
    kept.interactions.remove(name);
    return jsonReply({});
  },
};
