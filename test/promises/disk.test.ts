/** A disk that refuses, and the whole program beside it. */
import { mkdtempSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { eventually } from '../support/eventually.ts';
import { RELAY_KEY, environmentOf, spawnRelay } from '../support/relay.ts';
import type { SpawnedRelay } from '../support/relay.ts';
import { MODEL } from './support.ts';

let simulator: Simulator;
let folder: string;
let child: SpawnedRelay | undefined;

beforeEach(async () => {
  simulator = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), 'disk-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await child?.ended;
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const headers = { authorization: `Bearer ${RELAY_KEY}`, 'content-type': 'application/json' };

test('a database that the system refuses to read ends no start and fails no request, and is there when it can be', async () => {
  const path = join(folder, 'relay.db');
  symlinkSync(path, path);
  child = spawnRelay({ ...environmentOf(simulator, folder), DATABASE_URL: `sqlite:${path}` }, folder);
  const url = await child.listening;
  const body = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hello' }] });
  const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body });
  expect(answer.status).toBe(200);
  const storeNow = async (): Promise<unknown> =>
    ((await (await fetch(`${url}/health`, { headers })).json()) as { store: unknown }).store;
  expect(await storeNow()).toMatchObject({ ok: false, trouble: 'unreachable' });
  unlinkSync(path);
  // What was used meanwhile is kept after all.
  await eventually(async () => {
    expect(await storeNow()).toMatchObject({ ok: true, waiting: 0, dropped: 0 });
  }, 200);
  expect(child.output().stdout.match(/store in trouble/g)).toHaveLength(1);
});
