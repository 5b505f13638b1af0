/**
 * `npm run scale [-- --only relay|crowd|keys] [--streams N] [--relays N] [--keys N]`: what one relay carries, what many on one
 * Redis cost it, and what very many client keys cost each. Everything on this machine; prints what was measured.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureCrowd } from './crowd.ts';
import { measureKeys } from './many-keys.ts';
import { measureRelay } from './one-relay.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    streams: { type: 'string', default: '2000' },
    relays: { type: 'string', default: '100' },
    keys: { type: 'string', default: '1000000' },
  },
});

const parts: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  relay: () => measureRelay(Number(values.streams)),
  crowd: () => measureCrowd(Number(values.relays)),
  keys: () => measureKeys(Number(values.keys)),
};
const wanted = Object.entries(parts).filter(([name]) => values.only === undefined || values.only === name);
if (wanted.length === 0) {
  console.error(`--only is one of ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`);
for (const [name, measure] of wanted) {
  for (const line of await measure()) console.log(`${name}: ${line}`);
}
