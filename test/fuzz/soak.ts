/**
 * `npm run soak [-- --minutes N]`: honest and hostile traffic side by side against a relay with the memory of a small
 * container. What honest requests took alone is measured first. It fails where one of them takes a second longer than
 * that or gets no good answer, or where memory grows.
 */
import { parseArgs } from 'node:util';
import { runSoak } from './soak-campaign.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error('Usage: npm run soak [-- --minutes N]');
  process.exit(2);
}
const { lines, problems } = await runSoak(minutes);
for (const line of [...lines, ...problems]) console.log(line);
console.log(`${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
