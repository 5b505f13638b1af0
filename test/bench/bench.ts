/**
 * npm run bench [-- --quick] [--only WORD] [--soak] [--write FILE] [--steps ROUTE] [--against NAME=COMMAND,PORT …]
 *
 * With `--against` any other relay does the same work beside ours, and nothing else is measured. COMMAND finds in its
 * environment BENCH_GOOGLE_URL, which speaks as the Gemini API and as Code Assist, and BENCH_KEY, which its clients send.
 *
 * Everything runs on loopback; nothing reaches the network. Only ratios within one run mean anything.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { compareWith, readOther } from './against.ts';
import { buildBundle, OTHER_CORE, pin, startFake, startPassthrough, startRelay } from './children.ts';
import * as features from './features.ts';
import { isWithinGate, machine, toTable } from './report.ts';
import * as agents from './agents.ts';
import type { Figure, Stage } from './compare.ts';
import { idleStreams } from './open-streams.ts';
import * as scenarios from './scenarios.ts';
import { startUp } from './start-up.ts';
import { isRoute, listSteps, steps } from './steps.ts';
import { countOf, misused, readCommandLine } from '../support/measuring-command.ts';

const USAGE = `npm run bench -- [options]

  --quick            one round of a tenth of the work: to see that it runs
  --rounds N         so many rounds instead of 7
  --only WORD        only what has this word in its name
  --soak             ten minutes of load as well
  --write FILE       put the table between the marks of this page
  --steps ROUTE      the functions that a short answer calls, by file, and nothing else
                     (chat, responses, messages, native)
  --against NAME=COMMAND,PORT
                     another relay beside ours, and nothing else (may be given several times)
  --help             this text

Exit code: 0 all within their gates, 1 not, 2 usage.`;

const options = readCommandLine(USAGE, {
  quick: { type: 'boolean', default: false },
  soak: { type: 'boolean', default: false },
  only: { type: 'string' },
  write: { type: 'string' },
  rounds: { type: 'string' },
  steps: { type: 'string' },
  against: { type: 'string', multiple: true, default: [] },
});

const mark = options.against.length > 0 ? 'comparison' : 'figures';
const [START, END] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];

const planned = [
  scenarios.small,
  scenarios.latency,
  scenarios.afterRest,
  scenarios.burst,
  scenarios.paced,
  scenarios.slowFirstByte,
  scenarios.toolCall,
  scenarios.longHistory,
  scenarios.bigImage,
  idleStreams,
  startUp,
  scenarios.callsPerRequest,
  steps,
  scenarios.growth,
  features.storeAndKeys,
  features.keptAtFullSpeed,
  features.doors,
  agents.agentsSmall,
  agents.agentsBurst,
  agents.agentsPaced,
  agents.agentsIdle,
  ...(options.soak ? [scenarios.soak] : []),
].filter(({ name }) => options.only === undefined || name.toLowerCase().includes(options.only.toLowerCase()));

const others = options.against.map(
  (text) => readOther(text) ?? misused(USAGE, `--against ${text} is not NAME=COMMAND,PORT`),
);
if (planned.length === 0) misused(USAGE, `nothing has ${options.only ?? ''} in its name`);
const listed =
  options.steps === undefined || isRoute(options.steps)
    ? options.steps
    : misused(USAGE, `--steps ${options.steps} is no route`);
const rounds = countOf(USAGE, 'rounds', options.rounds ?? (options.quick ? '1' : '7'));
buildBundle();
pin(process.pid, OTHER_CORE);
const began = performance.now();
const fake = await startFake();
const [passthrough, relay] = [await startPassthrough(fake.url), await startRelay(fake.url)];
const totals = { requests: 0, errors: 0, endless: 0 };
const [scale, warmUpScale] = options.quick ? [0.1, 0.15] : [1, 1];
const stage: Stage = { fake, relay, passthrough, rounds, scale, warmUpScale, totals };

const figures: Figure[] = [];
/** What was asked for instead of the figures. */
let other: string | undefined;
try {
  if (others.length > 0) other = await compareWith(stage, others);
  else if (listed !== undefined) other = await listSteps(stage, listed);
  else {
    await scenarios.warmUp(stage);
    for (const scenario of planned) {
      process.stderr.write(`${scenario.name} …\n`);
      figures.push(...(await scenario(stage)));
    }
  }
} finally {
  await Promise.all([fake.stop(), relay.stop(), passthrough.stop()]);
}
figures.push(
  { name: 'errors', value: totals.errors, rounds: [totals.errors], gate: 0, unit: '' },
  { name: 'answers without an end mark', value: totals.endless, rounds: [totals.endless], gate: 0, unit: '' },
);

const seconds = Math.round((performance.now() - began) / 1000);
const summary = `${machine()}; at least ${rounds} rounds, medians; ${totals.requests} requests in ${seconds} s.`;
const report = `${summary}\n\n${other ?? toTable(figures)}`;
console.log(report);

if (options.write !== undefined) {
  const page = readFileSync(options.write, 'utf8');
  const [before, after] = [page.indexOf(START), page.indexOf(END)];
  if (before === -1 || after === -1) throw new Error(`${options.write} lacks the marks ${START} and ${END}`);
  writeFileSync(options.write, `${page.slice(0, before + START.length)}\n\n${report}\n\n${page.slice(after)}`);
}
process.exitCode = other !== undefined || figures.every(isWithinGate) ? 0 : 1;
