/** Tokens of an interaction are counted once, by whichever request Google tells of them first. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import { jsonReply } from '../../src/simulator/reply.ts';
import type { Fields } from '../../src/simulator/values.ts';
import { eventually } from '../support/eventually.ts';
import { MODEL, openKept } from './kept-rig.ts';
import type { KeptRig } from './kept-rig.ts';

let kept: KeptRig;
beforeAll(async () => {
  kept = await openKept({ GEMINI_API_KEYS: `one=AIza${'Simulated'.repeat(4).slice(0, 35)}` });
});
afterAll(() => kept.relay.close());
afterEach(() => {
  kept.relay.simulator.clear();
});

/** As the simulator counts: 7 in and 8 out. */
const TOKENS = 15;

const saidTo =
  (change: (fields: Fields) => Fields): Fault =>
  async (_ask, honest) => {
    const { steps } = await honest();
    const text = Buffer.concat(steps.flatMap((step) => (step.kind === 'bytes' ? [step.bytes] : []))).toString();
    return jsonReply(change(JSON.parse(text) as Fields));
  };
const underWay = saidTo(({ usage: _usage, steps: _steps, ...fields }) => ({ ...fields, status: 'in_progress' }));

interface Sums {
  readonly requests: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number | null;
}
interface Standing {
  readonly today: Sums;
  readonly remaining: { readonly tokens_per_day: number; readonly requests_per_day: number };
}

const standingOf = async (key: string): Promise<Standing> =>
  (await kept.as(key, 'GET', '/v1/usage')).body as unknown as Standing;
const tokensOf = ({ today }: Standing): number => today.input_tokens + today.output_tokens;
const LIMITS = ['--tokens-per-day', '1000', '--requests-per-day', '1000', '--cost-per-month', '5'];
const create = async (key: string, body: object = {}): Promise<string> => {
  const made = await kept.as(key, 'POST', '/v1beta/interactions', { model: MODEL, input: 'Hello.', ...body });
  expect(made.status).toBe(200);
  return (
    /"id":"(v1_[^"]+)"/.exec(
      typeof made.body['text'] === 'string' ? made.body['text'] : JSON.stringify(made.body),
    )?.[1] ?? ''
  );
};

/** A client can have read what passes before its end is noted. */
const counted = (key: string): Promise<Standing> =>
  eventually(async () => {
    const standing = await standingOf(key);
    expect(tokensOf(standing)).toBe(TOKENS);
    return standing;
  });

test('asked for again, whole or streamed, it counts as it did when it was made', async () => {
  for (const stream of [false, true]) {
    const key = await kept.newKey(...LIMITS);
    const id = await create(key, { stream });
    for (let time = 0; time < 3; time += 1) {
      expect((await kept.as(key, 'GET', `/v1beta/interactions/${id}`)).body).toMatchObject({ usage: {} });
    }
    const { remaining } = await counted(key);
    expect(remaining).toMatchObject({ tokens_per_day: 1000 - TOKENS, requests_per_day: 999 });
  }
});

test('in the background it counts when it is done, toward the limits too, by the model that did it', async () => {
  const key = await kept.newKey(...LIMITS);
  kept.relay.simulator.next('createInteraction', underWay);
  kept.relay.simulator.next('getInteraction', underWay);
  const id = await create(key, { background: true });
  const ask = () => kept.as(key, 'GET', `/v1beta/interactions/${id}`);
  expect((await ask()).body['status']).toBe('in_progress');
  expect((await standingOf(key)).remaining).toMatchObject({ tokens_per_day: 1000 });
  // Two who ask at one time, and others later.
  await Promise.all([ask(), ask()]);
  for (let time = 0; time < 3; time += 1) await ask();
  const standing = await counted(key);
  expect(standing.today.cost_usd).toBeGreaterThan(0);
  expect(standing.remaining).toMatchObject({ tokens_per_day: 1000 - TOKENS, requests_per_day: 999 });
  const { rows } = (await (await kept.relay.fetch('/console/api/requests?limit=20')).json()) as {
    rows: { route: string; served_model: string | null; model: string | null; input_tokens: number }[];
  };
  const [told, ...others] = rows.filter((row) => row.route.endsWith('{interaction}') && row.model !== null);
  expect([told, others]).toEqual([expect.objectContaining({ model: MODEL, served_model: MODEL, input_tokens: 7 }), []]);
});

test('an agent is on the list of a key like a model, or the key may not have it', async () => {
  const agent = 'deep-research-pro-preview-12-2025';
  const ask = (key: string, body: object) => kept.as(key, 'POST', '/v1beta/interactions', { input: 'Hello.', ...body });
  const one = await kept.newKey('--models', MODEL);
  const before = kept.relay.simulator.asked('createInteraction').length;
  for (const body of [{ agent }, { agent, model: MODEL }]) {
    const refused = await ask(one, body);
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([403, expect.stringContaining(agent)]);
  }
  expect(kept.relay.simulator.asked('createInteraction')).toHaveLength(before);
  const both = await kept.newKey('--models', `${MODEL},deep-research-*`);
  expect((await ask(both, { agent })).status).toBe(200);
  expect((await ask(await kept.newKey(), { agent })).status).toBe(200);
});

test('what it used counts although the limit is reached meanwhile', async () => {
  const key = await kept.newKey('--tokens-per-day', '20');
  kept.relay.simulator.next('createInteraction', underWay, underWay);
  const [first, second] = [await create(key, { background: true }), await create(key, { background: true })];
  for (const id of [first, second]) await kept.as(key, 'GET', `/v1beta/interactions/${id}`);
  const refused = await kept.as(key, 'POST', '/v1beta/interactions', { model: MODEL, input: 'Hello.' });
  expect([refused.status, (await standingOf(key)).remaining.tokens_per_day]).toEqual([429, 0]);
});
