/** 5,000 API keys: what they cost the whole program at its start, and how it serves with them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newApiKey, newProject } from '../../src/simulator/api-keys.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { environmentOf, RELAY_KEY, spawnRelay } from '../support/relay.ts';
import { allowed } from '../support/machine.ts';
import { MODEL, question } from './support.ts';
import { eventually } from '../support/eventually.ts';

const MANY = 5000;
const ROUNDS = 2;
const MORE_MS = 1000;
const BYTES_A_KEY = 2048;

/** Told by SIGUSR2, the relay says on stderr what it holds once garbage is gone. */
const TELL = `import v8 from 'node:v8'; import vm from 'node:vm'; v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
process.on('SIGUSR2', () => { collect(); const held = process.memoryUsage();
process.stderr.write('held ' + (held.heapUsed + held.external) + '\\n'); });`;

let simulator: Simulator;
let folder: string;
beforeAll(async () => {
  simulator = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), 'many-keys-'));
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const keyAt = (index: number): string => `AQ.a-key-of-usual-length-0123456789abcdef-${index}`;

interface Figures {
  readonly startMs: number;
  readonly heldBytes: number;
}

/** From the start of the process until it has answered a question. */
const run = async (keys: number): Promise<Figures> => {
  const file = join(folder, `keys-${keys}`);
  writeFileSync(file, Array.from({ length: keys }, (_none, index) => `k${index}=${keyAt(index)}`).join('\n'));
  for (let index = 0; index < keys; index += 1) {
    simulator.apiKeys.set(keyAt(index), newApiKey(newProject(`p${index}`)));
  }
  const began = performance.now();
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(TELL)}`;
  const env = { NODE_OPTIONS, UPSTREAM: 'gemini-api', GEMINI_API_KEYS_FILE: file, DATABASE_URL: `sqlite:${file}.db` };
  const relay = spawnRelay(environmentOf(simulator, folder, { door: 'none', env }), folder);
  try {
    const url = await relay.listening;
    const [path, body] = question('openai', 'Hello');
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${RELAY_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const startMs = performance.now() - began;
    expect(answer.status, `${MODEL}: ${await answer.text()}`).toBe(200);
    const health = await fetch(`${url}/health`, { headers: { authorization: `Bearer ${RELAY_KEY}` } });
    expect(((await health.json()) as { doors: unknown[] }).doors).toHaveLength(keys);
    relay.kill('SIGUSR2');
    const heldBytes = await eventually(() => {
      const held = /held (\d+)/.exec(relay.output().stderr)?.[1];
      expect(held).toBeDefined();
      return Number(held);
    });
    return { startMs, heldBytes };
  } finally {
    relay.kill('SIGKILL');
    await relay.ended;
  }
};

test('a start with 5,000 keys takes less than a second more than with two, and holds less than 2 KB a key', async () => {
  const few: Figures[] = [];
  const many: Figures[] = [];
  // In turn: what else the machine has to do then hits both.
  for (let round = 0; round < ROUNDS; round += 1) {
    few.push(await run(2));
    many.push(await run(MANY));
  }
  const least = (figures: readonly Figures[], of: keyof Figures): number =>
    Math.min(...figures.map((figure) => figure[of]));
  const moreMs = least(many, 'startMs') - least(few, 'startMs');
  const bytesEach = (least(many, 'heldBytes') - least(few, 'heldBytes')) / MANY;
  expect({ moreMs, isSoon: moreMs < allowed(MORE_MS) }).toMatchObject({ isSoon: true });
  expect({ bytesEach, isSmall: bytesEach < BYTES_A_KEY }).toMatchObject({ isSmall: true });
}, 120_000);
