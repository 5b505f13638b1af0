/** What one relay carries: the package as shipped, with its log, its store and its metrics, on a core of its own. */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildBundle, OTHER_CORE, pin, startFake, startRelay } from '../bench/children.ts';
import type { Child } from '../bench/children.ts';
import { drive, holdStreams, median } from '../bench/driver.ts';
import { toRelay } from '../bench/loads.ts';
import { ask } from '../bench/compare.ts';
import { threadCpuMsOf } from '../bench/processes.ts';

const WARM_UP = 4000;
const REQUESTS = 6000;
const AT_ONCE = 64;
const FEW_AT_ONCE = 8;
const PACED = 400;
/** As the fake sends them: 25 events, 20 ms apart. */
const PACED_SECONDS = 0.5;
const SETTLE_MS = 2500;
/** Of a core: beyond that, answers wait. */
const FULL = 0.7;

export const measureRelay = async (streams: number): Promise<readonly string[]> => {
  buildBundle();
  pin(process.pid, OTHER_CORE);
  const fake = await startFake();
  /** Each begins anew: connections that others have left open would be counted. */
  const measured = async (
    atOnce: number,
    measure: (relay: Child) => Promise<readonly string[]>,
  ): Promise<readonly string[]> => {
    const relay = await startRelay(fake.url, 'bundle', { MAX_CONCURRENT_REQUESTS: String(streams + AT_ONCE) });
    try {
      await drive(relay.url, toRelay(ask('small', false), 'chat'), WARM_UP, atOnce);
      return await measure(relay);
    } finally {
      await relay.stop();
    }
  };
  try {
    return [
      ...(await measured(AT_ONCE, async (relay) => [await short(relay), await tokens(relay)])),
      ...(await measured(FEW_AT_ONCE, (relay) => open(relay, streams))),
    ];
  } finally {
    await fake.stop();
  }
};

const short = async (relay: Child): Promise<string> => {
  const before = [relay.cpuMs(), threadCpuMsOf(relay.pid, relay.pid)] as const;
  const { wallMs, totals, errors } = await drive(relay.url, toRelay(ask('small', false), 'chat'), REQUESTS, AT_ONCE);
  const all = (relay.cpuMs() - before[0]) / REQUESTS;
  const main = (threadCpuMsOf(relay.pid, relay.pid) - before[1]) / REQUESTS;
  return (
    `short answers: ${perSecond(REQUESTS, wallMs)} a second at ${AT_ONCE} at once (median ${round(median(totals))} ms, ` +
    `${errors} errors); ${round(main)} ms of the main thread each, ${round(all)} of all; ` +
    `so ${Math.floor((FULL * 1000) / main)} a second at ${FULL * 100} % of a core`
  );
};

const tokens = async (relay: Child): Promise<string> => {
  const load = toRelay(ask('paced', true), 'chat');
  await drive(relay.url, load, PACED, PACED);
  const before = threadCpuMsOf(relay.pid, relay.pid);
  const { errors, endless } = await drive(relay.url, load, PACED * 10, PACED);
  const ms = (threadCpuMsOf(relay.pid, relay.pid) - before) / (PACED * 10);
  const atATime = Math.floor((FULL * 1000 * PACED_SECONDS) / ms);
  return (
    `streams of 25 events in ${PACED_SECONDS} s: ${round(ms)} ms of the main thread each, its request and end included ` +
    `(${errors} errors, ${endless} without an end); so ${atATime} such streams at a time at ${FULL * 100} % of a core`
  );
};

const open = async (relay: Child, streams: number): Promise<readonly string[]> => {
  const load = toRelay(ask('open', true), 'chat');
  await (
    await holdStreams(relay.url, load, 10)
  )();
  await sleep(SETTLE_MS);
  const before = [relay.rssKb(), socketsOf(relay)] as const;
  const leave = await holdStreams(relay.url, load, streams);
  await sleep(SETTLE_MS);
  const perStreamKb = (relay.rssKb() - before[0]) / streams;
  const sockets = (socketsOf(relay) - before[1]) / streams;
  const cpuBefore = relay.cpuMs();
  await sleep(SETTLE_MS);
  const cpu = (relay.cpuMs() - cpuBefore) / SETTLE_MS;
  const rssKb = relay.rssKb();
  await leave();
  return [
    `${streams} streams that are silent: ${round(perStreamKb)} kB and ${round(sockets)} sockets each, ` +
      `${Math.round(rssKb / 1024)} MB in all, ${round(cpu * 100)} % of a core`,
    `calculated for 500: ${Math.round((500 * perStreamKb) / 1024)} MB and ${Math.ceil(500 * sockets)} sockets in a relay; ` +
      `for 50,000: ${round((50_000 * perStreamKb) / 1024 / 1024)} GB and ${Math.ceil(50_000 * sockets)} sockets in all`,
  ];
};

const socketsOf = ({ pid }: Child): number => readdirSync(`/proc/${pid}/fd`).length;
const perSecond = (count: number, ms: number): number => Math.round((count * 1000) / ms);
const round = (value: number): number => Math.round(value * 100) / 100;
