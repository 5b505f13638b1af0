/** Several relays on one Redis, one database and one Google. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config.ts';
import type { Environment } from '../../src/config.ts';
import { openRelay } from '../../src/program/relay.ts';
import type { Relay } from '../../src/program/relay.ts';
import { createRedactor } from '../../src/redactor.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.ts';
import { createSystem } from '../../src/system.ts';
import { environmentOf, RELAY_KEY } from '../support/relay.ts';
import type { DoorName, Init } from '../support/relay.ts';

export interface Member {
  readonly relay: Relay;
  readonly folder: string;
  readonly logs: string[];
  fetch(path: string, init?: Init & { readonly key?: string }): Promise<Response>;
  post(path: string, body: unknown, key?: string): Promise<Response>;
}

export interface Relays {
  readonly simulator: Simulator;
  readonly folder: string;
  readonly members: readonly Member[];
  readonly member: (index: number) => Member;
  /** One more, with a folder of its own. */
  add(env?: Environment): Promise<Member>;
  close(): Promise<void>;
}

export interface RelaysOptions {
  /** Absent: they share no Redis. */
  readonly redis?: string;
  readonly count?: number;
  readonly door?: DoorName;
  readonly env?: Environment;
  readonly simulator?: SimulatorOptions;
  readonly credentials?: (simulator: Simulator) => unknown;
}

export const startRelays = async (options: RelaysOptions): Promise<Relays> => {
  const simulator = await startSimulator(options.simulator);
  const folder = mkdtempSync(join(tmpdir(), 'relays-'));
  const members: Member[] = [];
  const add = async (env: Environment = {}): Promise<Member> => {
    const own = mkdtempSync(join(folder, 'relay-'));
    const written = environmentOf(simulator, own, {
      ...(options.door && { door: options.door }),
      ...(options.credentials && { credentials: options.credentials(simulator) }),
      env: {
        ...(options.redis !== undefined && { REDIS_URL: options.redis }),
        DATABASE_URL: `sqlite:${join(folder, 'relay.db')}`,
        ...options.env,
        ...env,
      },
    });
    const config = parseConfig(written);
    const logs: string[] = [];
    const relay = await openRelay(
      { environment: written, file: {} },
      {
        keys: config.keys,
        system: createSystem(),
        redactor: createRedactor(config.secrets),
        write: (line) => logs.push(line),
        logFormat: 'json',
        colors: false,
      },
    );
    await relay.storeTried;
    const call: Member['fetch'] = (path, { key = RELAY_KEY, headers, ...init } = {}) =>
      fetch(`${relay.url}${path}`, { ...init, headers: { authorization: `Bearer ${key}`, ...headers } });
    const member: Member = {
      relay,
      folder: own,
      logs,
      fetch: call,
      post: (path, body, key = RELAY_KEY) =>
        call(path, {
          method: 'POST',
          key,
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        }),
    };
    members.push(member);
    return member;
  };
  await Promise.all(Array.from({ length: options.count ?? 2 }, () => add()));
  return {
    simulator,
    folder,
    members,
    member: (index) => {
      const member = members[index % members.length];
      if (!member) throw new Error('there is none');
      return member;
    },
    add,
    close: async () => {
      await Promise.all(members.map(({ relay }) => relay.close(0)));
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
