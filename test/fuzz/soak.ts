/**
 * `npm run soak [-- --minutes N]`: honest and hostile traffic side by side against a relay with the memory of a small
 * container; Google's side and the hostile clients are processes of their own. What honest requests took alone is measured
 * first. It fails where one of them takes a second longer than that (and than a server that does nothing takes longer) or
 * gets no good answer, or where memory grows.
 *
 * `npm run soak -- --relays [--minutes N]`: two relays on one Redis through trouble of all kinds (`soak-relays.ts`).
 */
import { runSoak } from './soak-campaign.ts';
import { soakRelays } from './soak-relays.ts';
import { misused, readCommandLine } from '../support/measuring-command.ts';

const KIND_LENGTH = 40;

const USAGE = `npm run soak -- [options]

  --minutes N        so long instead of 10
  --relays           two relays on one Redis through trouble of all kinds, instead of one among hostile clients
  --help             this text

Exit code: 0 all well, 1 problems, 2 usage.`;

const values = readCommandLine(USAGE, {
  minutes: { type: 'string', default: '10' },
  relays: { type: 'boolean', default: false },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) misused(USAGE, '--minutes takes a number');
const { lines, problems } = await (values.relays ? soakRelays(minutes) : runSoak(minutes));
for (const line of lines) console.log(line);
/** One of each kind, and how many: what stands after the colon of two of a kind is alike up to their ids. */
const kinds = Map.groupBy(problems, (problem) => problem.slice(0, KIND_LENGTH));
for (const [, [first = '', ...others]] of kinds) console.log(`${others.length + 1} × ${first}`);
console.log(`${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
