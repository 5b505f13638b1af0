/** Several relays in one process, as `main.ts` starts one each. Tells their addresses, and the key of a limited client. */
import { perLimit } from '../../src/callers/limits.ts';
import { parseConfig } from '../../src/config.ts';
import type { Environment } from '../../src/config.ts';
import { tuneEngine } from '../../src/engine/flags.ts';
import { createKeyStore } from '../../src/keys/key-store.ts';
import { openRelay } from '../../src/program/relay.ts';
import { createRedactor } from '../../src/redactor.ts';
import { createSystem } from '../../src/system.ts';
import type { Sibling } from './children.ts';

const NEVER_REACHED = 1e12;

/** So that it is known in whose time it is written. */
const writers: (() => Promise<void>)[] = [];

const open = async (environment: Environment): Promise<Sibling> => {
  const config = parseConfig(environment);
  const system = createSystem();
  const relay = await openRelay(
    { environment, file: {} },
    {
      ...{ keys: config.keys, system, redactor: createRedactor(config.secrets), logFormat: 'json', colors: false },
      write: (line) => process.stdout.write(line),
    },
  );
  const { store, clients, ledger } = relay.parts;
  writers.push(() => ledger.flush());
  if (store.kind === 'none') return { url: relay.url, limitedKey: undefined };
  await store.opened();
  const limits = perLimit(() => NEVER_REACHED);
  const settings = { models: [], doors: [], expiresAt: null, limits };
  const { secret } = await createKeyStore(store, system).add('limited', settings);
  await clients.refresh();
  return { url: relay.url, limitedKey: secret };
};

const relays: Sibling[] = [];
for (const environment of JSON.parse(process.argv[2] ?? '[]') as readonly Environment[]) {
  relays.push(await open(environment));
}
tuneEngine();
process.on('message', (message) => {
  if (message !== 'write') return;
  void Promise.all(writers.map((write) => write())).then(() => process.send?.('written'));
});
process.send?.({ relays });
