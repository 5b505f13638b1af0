/**
 * `npm run scale [-- --only relay|crowd|keys] [--streams N] [--relays N] [--keys N]`: what one relay carries, what many on one
 * Redis cost it, and what very many client keys cost each. Everything on this machine; prints what was measured.
 */
import { cpus } from 'node:os';
import { measureCrowd } from './crowd.ts';
import { measureKeys } from './many-keys.ts';
import { measureRelay } from './one-relay.ts';
import { countOf, misused, readCommandLine } from '../support/measuring-command.ts';

const USAGE = `npm run scale -- [options]

  --only PART        relay, crowd or keys
  --streams N        open on one relay (2000)
  --relays N         on one Redis (100)
  --keys N           of clients (1000000)
  --help             this text

Exit code: 0 measured, 2 usage.`;

const values = readCommandLine(USAGE, {
  only: { type: 'string' },
  streams: { type: 'string', default: '2000' },
  relays: { type: 'string', default: '100' },
  keys: { type: 'string', default: '1000000' },
});
const count = (name: 'streams' | 'relays' | 'keys'): number => countOf(USAGE, name, values[name]);
const [streams, relays, keys] = [count('streams'), count('relays'), count('keys')];

const parts: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  relay: () => measureRelay(streams),
  crowd: () => measureCrowd(relays),
  keys: () => measureKeys(keys),
};
const wanted = Object.entries(parts).filter(([name]) => values.only === undefined || values.only === name);
if (wanted.length === 0) misused(USAGE, `--only takes one of ${Object.keys(parts).join(', ')}`);
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`);
for (const [name, measure] of wanted) {
  for (const line of await measure()) console.log(`${name}: ${line}`);
}
