/** Client keys made and changed on the page. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { errorOf, openSession } from './visitor.ts';
import type { ConsoleVisitor } from './visitor.ts';
import { quietNow } from '../support/machine.ts';

let relay: TestRelay;
let visitor: ConsoleVisitor;
beforeAll(async () => {
  relay = await startRelay({ env: { DATABASE_URL: undefined } });
  visitor = await openSession(relay);
});
afterAll(() => relay.close());

type Key = Record<string, unknown> & { readonly id: string; readonly name: string; readonly key: string };

const make = async (body: object): Promise<Key> => (await (await visitor.ask('POST', 'keys', body)).json()) as Key;
const list = async (): Promise<Key[]> => ((await visitor.get('keys')) as unknown as { keys: Key[] }).keys;
/** At once: whoever copies a key from the page tries it. */
const opens = async (secret: string, status: number): Promise<void> => {
  const answer = await relay.fetch('/v1/models', { headers: { authorization: `Bearer ${secret}` } });
  expect(answer.status).toBe(status);
};

describe('a key', () => {
  test('is made, known, changed, given a new secret and removed', async () => {
    const made = await make({ name: 'laptop', rpm: 60, models: ['gemini-2.5*'], expires: '30d', cost_per_month: 2.5 });
    expect(made.key).toMatch(/^gcr_[0-9A-Za-z]{40}$/);
    expect(made).toMatchObject({
      ...{ name: 'laptop', prefix: made.key.slice(0, 8), disabled: false, rpm: 60, tpm: null, cost_per_month: 2.5 },
      ...{ models: ['gemini-2.5*'], doors: [], last_used_at: null, used: { requests_per_day: 0 } },
    });
    await opens(made.key, 200);
    const [listed] = await list();
    expect(listed).toMatchObject({ id: made.id, resets: { cost_per_month: expect.any(String) as string, tpm: null } });
    expect(listed).not.toHaveProperty('key');

    const changed = await visitor.ask('PATCH', `keys/${made.id}`, {
      rpm: null,
      tpm: '5000',
      models: null,
      disabled: true,
    });
    expect(await changed.json()).toMatchObject({ id: made.id, rpm: null, tpm: 5000, models: [], disabled: true });
    await opens(made.key, 401);
    await visitor.ask('PATCH', 'keys/laptop', { disabled: false });
    await opens(made.key, 200);

    const rotated = (await (await visitor.ask('POST', `keys/${made.id}/rotate`, { overlap: '0h' })).json()) as Key;
    expect(rotated).toMatchObject({ id: made.id, tpm: 5000 });
    await opens(rotated.key, 200);
    await opens(made.key, 401);
    expect((await visitor.ask('POST', `keys/${made.id}/rotate`)).status).toBe(200);

    expect(await (await visitor.ask('DELETE', `keys/${made.id}`)).json()).toEqual({ name: 'laptop', removed: true });
    expect(await list()).toEqual([]);
    // Shown once, and kept nowhere.
    for (const secret of [made.key, rotated.key]) expect(relay.logs.join('')).not.toContain(secret);
  });

  test.each([
    [{ name: 'a b' }, 'name'],
    [{ name: '<script>alert(1)</script>' }, 'name'],
    [{}, 'name'],
    [{ name: 'x', rpm: 0 }, 'rpm'],
    [{ name: 'x', rpm: 1.5 }, 'rpm'],
    [{ name: 'x', cost_per_month: -1 }, 'cost_per_month'],
    [{ name: 'x', expires: 'soon' }, 'expires'],
    [{ name: 'x', expires: '30d', expires_at: '2099-12-31' }, 'expires_at'],
    [{ name: 'x', rpm: 1e16 }, 'rpm'],
    [{ name: 'x', models: ['a b'] }, 'models'],
    [{ name: 'x', doors: ['window'] }, 'doors'],
    [{ name: 'x', rps: 4 }, 'rps'],
  ])('%j is a 400 that names the field', async (body, param) => {
    expect(await errorOf(await visitor.ask('POST', 'keys', body))).toMatchObject({ status: 400, param });
    expect(await list()).toEqual([]);
  });

  test('a name that is taken, a key that is not there, a change that is none', async () => {
    await make({ name: 'twice' });
    expect(await errorOf(await visitor.ask('POST', 'keys', { name: 'twice' }))).toMatchObject({
      status: 409,
      code: 'name_taken',
    });
    expect(await errorOf(await visitor.ask('POST', 'keys', { name: 'console' }))).toMatchObject({ status: 409 });
    for (const [method, path, body] of [
      ['PATCH', 'keys/nobody', { rpm: 1 }],
      ['POST', 'keys/nobody/rotate', {}],
      ['DELETE', 'keys/%F0%9F%A4%96', undefined],
    ] as const) {
      expect(await errorOf(await visitor.ask(method, path, body))).toMatchObject({ status: 404, code: 'not_found' });
    }
    expect((await visitor.ask('PATCH', 'keys/twice', {})).status).toBe(400);
    await visitor.ask('DELETE', 'keys/twice');
  });

  test('500 of them are listed at once', async () => {
    const { store } = relay.relay.parts;
    const ids = Array.from({ length: 500 }, (_, at) => `many-${at}`);
    await store.write([
      {
        into: 'client_keys (id, name, disabled, created_at, models, doors)',
        rows: ids.map((id) => [id, id, 0, Date.now(), '[]', '[]']),
      },
    ]);
    const before = quietNow();
    expect(await list()).toHaveLength(500);
    expect(quietNow() - before).toBeLessThan(1000);
    await store.write([{ sql: "DELETE FROM client_keys WHERE id LIKE 'many-%'" }]);
  });
});
