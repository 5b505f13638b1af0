/**
 * `node keeper.ts KIND PLACE KEYS`: keeps requests and counts keys as a relay does, and prints each as soon as it is
 * over, until it is killed. KEYS are ids of client keys, with commas.
 */
import { perLimit } from '../../src/callers/limits.ts';
import { createClientKeys } from '../../src/keys/client-keys.ts';
import { isExceeded } from '../../src/keys/counters.ts';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import type { StoreAddress } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { createLedger } from '../../src/usage/ledger.ts';
import { ended } from './rows.ts';

const NO_LIMITS = perLimit(() => null);
const [, , kind, place = '', keys = ''] = process.argv;
const ids = keys.split(',');
const system = createSystem();
const address: StoreAddress = kind === 'postgres' ? { kind, url: place } : { kind: 'sqlite', path: place };
const store = openStore(address, { system, log: silentLogger });
await store.opened();
const ledger = createLedger({ store, system, log: silentLogger, keepDays: () => 30 });
const { callers, counters } = createClientKeys({ store, system, log: silentLogger });
await callers.known(new AbortController().signal);
let count = 0;
setInterval(() => {
  for (let burst = 0; burst < 3; burst += 1) {
    count += 1;
    const id = `${process.pid}-${count}`;
    const key = ids[count % ids.length] ?? '';
    const reserved = counters.reserve(key, NO_LIMITS, { requests: 1, tokens: 100, costNanos: 0 }, true);
    if (reserved instanceof Promise || isExceeded(reserved)) throw new Error('no limit is set');
    reserved.settle({ requests: 1, tokens: 3, costNanos: 7 });
    const time = Date.now();
    ledger.add(ended({ id, time, key }));
    process.stdout.write(`${id} ${time} ${key}\n`);
  }
}, 10);
