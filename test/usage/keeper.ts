/** `node keeper.ts KIND PLACE`: keeps requests as a relay does, and prints each as soon as it is over, until it is killed. */
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import type { StoreAddress } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { createLedger } from '../../src/usage/ledger.ts';
import { ended } from './rows.ts';

const [, , kind, place = ''] = process.argv;
const system = createSystem();
const address: StoreAddress = kind === 'postgres' ? { kind, url: place } : { kind: 'sqlite', path: place };
const store = openStore(address, { system, log: silentLogger });
await store.opened();
const ledger = createLedger({ store, system, log: silentLogger, keepDays: () => 30 });
let count = 0;
setInterval(() => {
  for (let burst = 0; burst < 3; burst += 1) {
    count += 1;
    const id = `${process.pid}-${count}`;
    const time = Date.now();
    ledger.add(ended({ id, time, key: `keeper-${process.pid % 3}` }));
    process.stdout.write(`${id} ${time}\n`);
  }
}, 5);
