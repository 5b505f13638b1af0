import { beforeEach, describe, expect, test } from 'vitest';
import { failed } from '../../../src/errors.ts';
import type { Upstream } from '../../../src/gemini/call.ts';
import { createCatalogue } from '../../../src/gemini/catalogue.ts';
import type { CountTokensResponse } from '../../../src/gemini/types.ts';
import type { Reason } from '../../../src/reasons.ts';
import { createCooldown } from '../../../src/upstreams/cooldown/cooldown.ts';
import type { Cooldown } from '../../../src/upstreams/cooldown/cooldown.ts';
import { createFailover } from '../../../src/upstreams/doors/failover.ts';
import { createHouse } from '../../../src/upstreams/doors/house.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { callFor, live } from '../rig.ts';

const MODEL = 'gemini-2.5-flash';

let now: number;
let cooldown: Cooldown;
let upstream: Upstream;
/** How the first door fails at each kind of question; undefined where it does not. */
let failures: { generate?: Reason | undefined; count?: Reason | undefined };
let count: CountTokensResponse;
let asked: string[];

beforeEach(() => {
  now = Date.parse('2026-11-28T02:20:00Z');
  cooldown = createCooldown({ now: () => now });
  failures = {};
  count = { totalTokens: 3 };
  asked = [];
  const answer = <T>(door: string, reason: Reason | undefined, value: T): Promise<T> => {
    asked.push(door);
    return reason !== undefined && door === 'code-assist'
      ? Promise.reject(failed(reason, 'No.'))
      : Promise.resolve(value);
  };
  const house = createHouse({
    kinds: ['code-assist', 'vertex'],
    open: (kind) => ({
      upstream: {
        generate: () => answer(kind, failures.generate, []),
        countTokens: () => answer(kind, failures.count, count),
        embed: () => answer(kind, undefined, { embeddings: [] }),
        models: () => Promise.resolve([{ name: `models/of-${kind}` }]),
      },
      status: () => ({ status: 'healthy', message: '' }),
    }),
    account: (kind) => kind,
    cooldown,
    now: () => now,
  });
  const log = createMemoryLog();
  upstream = createFailover({ house, cooldown, catalogue: createCatalogue([]), now: () => now, log });
});

const generate = (): Promise<unknown> => upstream.generate(callFor(), live());
const countTokens = (): Promise<unknown> => upstream.countTokens(callFor(), live());

describe('a token count', () => {
  test('that is an estimate opens nothing, and is no trial that others wait for', async () => {
    failures = { generate: 'server_error' };
    count = { totalTokens: 3, estimated: true };
    await generate();
    now += 5000;
    await countTokens();
    expect(cooldown.stateOf('code-assist')).toEqual({ state: 'failing', cause: 'server_error', failures: 1 });
    await generate();
    expect(asked).toEqual(['code-assist', 'vertex', 'code-assist', 'code-assist', 'vertex']);
    expect(cooldown.stateOf('code-assist')).toMatchObject({ state: 'cooling', failures: 2, until: now + 10_000 });
  });

  test('that goes well shows that the door is well, and nothing of the model', async () => {
    failures = { generate: 'overloaded' };
    await generate();
    now += 10_000;
    await countTokens();
    expect(cooldown.stateOf('code-assist', MODEL)).toEqual({ state: 'failing', cause: 'capacity', failures: 1 });
    failures = { generate: 'server_error' };
    await generate();
    now += 10_000;
    await countTokens();
    expect(cooldown.stateOf('code-assist')).toEqual({ state: 'ok' });
  });

  test('over a limit goes to another door, and keeps no answer from this one', async () => {
    failures = { count: 'rate_limit_exceeded' };
    await countTokens();
    await generate();
    expect(asked).toEqual(['code-assist', 'vertex', 'code-assist']);
    expect(cooldown.stateOf('code-assist', MODEL)).toEqual({ state: 'ok' });
  });

  test('that the key is refused for closes the door like any other', async () => {
    failures = { count: 'account_ineligible' };
    await countTokens();
    expect(cooldown.stateOf('code-assist')).toEqual({ state: 'invalid', cause: 'ineligible' });
  });
});

test.each([
  [undefined, ['models/of-code-assist', 'models/of-vertex']],
  [['vertex'], ['models/of-vertex']],
  [['gemini-api'], []],
])('the models of the doors %j', async (doors, names) => {
  const models = await upstream.models(live(), doors);
  expect(models.map(({ name }) => name)).toEqual(names);
});
