/**
 * `npm run fuzz [-- INPUTS [SEED]]`: throws hostile inputs at the relay; a seed that found something finds it again.
 * `npm run fuzz -- --heavy [MINUTES]`: bodies near the limit instead, made of the smallest pieces.
 * `npm run fuzz -- --frames [SOCKETS [SEED]]`: messages on the WebSocket of Responses instead.
 */
import { runCampaign } from './campaign.ts';
import { runFrames } from './frames.ts';
import { runHeavy } from './heavy-campaign.ts';
import { misused } from '../support/measuring-command.ts';

const USAGE = `npm run fuzz -- [INPUTS [SEED]]
npm run fuzz -- --heavy [MINUTES]
npm run fuzz -- --frames [SOCKETS [SEED]]

  INPUTS, SOCKETS, MINUTES, SEED   whole numbers (100000 inputs, 10000 sockets, 10 minutes, a seed of chance)
  --heavy            bodies near the limit, made of the smallest pieces
  --frames           messages on the WebSocket of Responses
  --help             this text

Exit code: 0 nothing found, 1 something, 2 usage.`;
const [form, ...given] = process.argv.slice(2);
/** What stands behind the form of the command. Anything but counts is no campaign: it would end at once, and find nothing. */
const counts = (words: readonly string[], most: number): readonly number[] => {
  const numbers = words.map(Number);
  if (words.length <= most && numbers.every((number) => Number.isSafeInteger(number) && number >= 1)) return numbers;
  return misused(USAGE, `${words.join(' ')} is not what stands there`);
};

if (form === '--help' || form === '-h') {
  console.log(USAGE);
  process.exit(0);
}

if (form === '--heavy') {
  const [minutes = 10] = counts(given, 1);
  const problems = await runHeavy(minutes);
  process.exit(problems === 0 ? 0 : 1);
}
if (form === '--frames') {
  const [sockets = 10_000, seed = Date.now() % 2 ** 31] = counts(given, 2);
  const { problems, endings } = await runFrames(seed, sockets);
  console.log(`seed ${seed}, ${sockets} sockets, ended ${JSON.stringify(endings)}; ${problems.length} findings`);
  for (const problem of problems) console.log(problem.slice(0, 4000));
  process.exit(problems.length === 0 ? 0 : 1);
}

const [inputs = 100_000, seed = Date.now() % 2 ** 31] = counts(process.argv.slice(2), 2);

console.log(`seed ${seed}, ${inputs} inputs`);
const result = await runCampaign({
  seed,
  inputs,
  onProgress: (done) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${done}`);
  },
});
const statuses = Object.entries(result.statuses).map(([status, count]) => `${status}: ${count}`);
console.log(
  `${result.seconds.toFixed(0)} s; ${result.passedOn} passed on to Google's side; answers ${statuses.join(', ')}; ` +
    `longest stall ${result.longestStallMs.toFixed(0)} ms`,
);
for (const { number, problem, input } of result.findings) {
  console.log(`\ninput ${number}: ${problem}\n${JSON.stringify(input).slice(0, 4000)}`);
}
console.log(`${result.findings.length} findings (again: npm run fuzz -- ${inputs} ${seed})`);
process.exit(result.findings.length === 0 ? 0 : 1);
