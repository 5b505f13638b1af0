/**
 * A month of a make-believe household, always the same: for tests, and to look at what the command shows.
 * `node test/usage/household.ts FILE` writes it to FILE, as used until now.
 */
import { readUsage } from '../../src/gemini/usage.ts';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { createLedger } from '../../src/usage/ledger.ts';
import type { EndedRequest } from '../../src/usage/request-row.ts';

const HOUR_MS = 3_600_000;
const DAYS = 30;
const PROGRAMS = [
  { key: 'GEMINI_AUTH_PASSWORD', client: 'OpenAI/JS 7.55.0', format: 'openai', model: 'gemini-2.5-pro', often: 3 },
  { key: 'grandma', client: 'Mozilla/5.0', format: 'openai', model: 'gemini-2.5-flash', often: 2 },
  { key: 'kitchen-radio', client: 'python-httpx/0.28', format: 'gemini', model: 'gemini-3.1-flash-lite', often: 4 },
  { key: 'agent', client: 'claude-cli/2.1.0', format: 'gemini', model: 'gemini-3.1-pro-preview-customtools', often: 5 },
  { key: 'agent', client: 'claude-cli/2.1.0', format: 'openai', model: 'gemini-9-ultra', often: 1 },
] as const;

export const household = (now: number): readonly EndedRequest[] => {
  const chance = createChance();
  const requests: EndedRequest[] = [];
  for (let hour = DAYS * 24; hour > 0; hour -= 1) {
    const time = now - hour * HOUR_MS + Math.floor(chance() * HOUR_MS);
    // Two days away, and nights asleep.
    if ((hour > 96 && hour <= 144) || chance() < 0.4) continue;
    for (const program of PROGRAMS) {
      if (chance() * 12 < program.often) requests.push(requestOf(program, time, requests.length, chance));
    }
  }
  return requests;
};

const requestOf = (
  { key, client, format, model }: (typeof PROGRAMS)[number],
  time: number,
  count: number,
  chance: () => number,
): EndedRequest => {
  const fails = chance() < 0.05;
  const input = Math.floor(chance() ** 3 * 250_000) + 50;
  const used = readUsage({
    promptTokenCount: input,
    cachedContentTokenCount: chance() < 0.5 ? Math.floor(input * chance() * 0.9) : 0,
    candidatesTokenCount: Math.floor(chance() ** 2 * 4000),
    thoughtsTokenCount: Math.floor(chance() ** 2 * 3000),
  });
  return {
    ...{ id: `req_${count}`, time, key, client, format, model, servedModel: model, stream: chance() < 0.8 },
    door: chance() < 0.7 ? 'code-assist' : 'vertex',
    route: format === 'openai' ? '/v1/chat/completions' : '/v1beta/models/{model}:streamGenerateContent',
    status: fails ? 429 : 200,
    reason: fails ? 'rate_limit_exceeded' : undefined,
    ms: Math.round(chance() * 20_000),
    firstMs: Math.round(chance() * 2000),
    used: fails ? [] : [used],
    retries: fails ? 2 : 0,
  };
};

/** Looks like chance, and is the same each time. */
const createChance = (): (() => number) => {
  let state = 1;
  return () => {
    state = (state * 48_271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
};

export const keepHousehold = async (store: Store, now: number): Promise<readonly EndedRequest[]> => {
  const ledger = createLedger({ store, system: createSystem(), log: silentLogger, keepDays: () => 30 });
  const requests = household(now);
  for (const request of requests) ledger.add(request);
  await ledger.close();
  return requests;
};

const [, script, path] = process.argv;
if (script === import.meta.filename && path !== undefined) {
  const store = openStore({ kind: 'sqlite', path }, { system: createSystem(), log: silentLogger });
  await store.opened();
  const kept = await keepHousehold(store, Date.now());
  await store.close();
  console.log(`${kept.length} requests are in ${path}.`);
}
