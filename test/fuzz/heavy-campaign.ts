import { LOADS, LONG_TEXTS, MANY_TEXTS, PLAIN } from './heavy.ts';
import { ANSWERS, asEvent, ASKINGS, asWhole, HEADS, PLAIN_ANSWER, TEXTS } from './heavy-answers.ts';
import { openHeavyRelay } from './heavy-relay.ts';
import { FORMS, ROUTE_LOADS } from './heavy-routes.ts';
import type { Measured } from './heavy-relay.ts';

/** Sizes up to the limit of a body as it is by default. */
const MIB = 1024 * 1024;
const SIZES = [1, 4, 16, 63].map((size) => size * MIB);
const MOST_CHUNKED_BYTES = 4 * MIB;
const HEAP_MB = 1024;
const MOST_TIMES = 4;
const PAUSE_MS = 250;
const TRIES = 4;
const ANSWER_BYTES = 12 * MIB;
/** What a body of nothing but pieces may be told; Google has no objection to some. */
const TOLD = [200, 400, 404, 413, 503];
const NOTHING: Measured = { status: 200, pauseMs: 0, peakBytes: 0 };
/** What the collector lets lie around however little is sent. */
const LEAST_BYTES = 16 * MIB;

/** All loads in all sizes, again and again until the time is over; says what stood still too long or took too much. */
export const runHeavy = async (minutes: number): Promise<number> => {
  const until = performance.now() + minutes * 60_000;
  let relay = await openHeavyRelay(HEAP_MB);
  let problems = 0;
  const tell = (problem: string): void => {
    problems += 1;
    console.log(problem);
  };
  /** The machine has other work: what happens again and again counts. */
  const hold = async (
    name: string,
    { statuses, plain, bytes }: { statuses: readonly number[]; plain: Measured; bytes: number },
    measure: () => Promise<Measured>,
  ): Promise<void> => {
    const mostMs = Math.max(PAUSE_MS, MOST_TIMES * plain.pauseMs);
    const mostBytes = Math.max(LEAST_BYTES, MOST_TIMES * Math.max(plain.peakBytes, bytes));
    let [pauseMs, peakBytes] = [Infinity, Infinity];
    for (let tries = 0; tries < TRIES && (pauseMs > mostMs || peakBytes > mostBytes); tries += 1) {
      const measured = await measure();
      if (!statuses.includes(measured.status)) tell(`${name}: status ${measured.status}`);
      pauseMs = Math.min(pauseMs, measured.pauseMs);
      peakBytes = Math.min(peakBytes, measured.peakBytes);
    }
    if (pauseMs > mostMs) tell(`${name}: stood still for ${pauseMs} ms; a plain one ${plain.pauseMs} ms`);
    if (peakBytes <= mostBytes) return;
    tell(`${name}: took ${Math.round(peakBytes / MIB)} MiB; a plain one ${Math.round(plain.peakBytes / MIB)}`);
  };
  const anew = async (name: string, error: unknown): Promise<void> => {
    tell(`${name}: ${String(error)}`);
    await relay.close();
    relay = await openHeavyRelay(HEAP_MB);
  };
  while (performance.now() < until) {
    for (const [name, head] of HEADS) {
      await hold(name, { statuses: [400, 401, 431], plain: NOTHING, bytes: LEAST_BYTES }, () => relay.say(head));
    }
    const plainAnswer = await relay.answer(PLAIN_ANSWER.make(ANSWER_BYTES));
    const answers = [
      ...ANSWERS.map(({ name, make }) => ({ name, make, asking: undefined, statuses: [200] })),
      ...TEXTS.flatMap(({ name, make }) =>
        ASKINGS.map((asking) => ({
          name: `${name} to ${asking.name}, ${asking.stream ? 'streamed' : 'whole'}`,
          make: (bytes: number) => (asking.stream ? asEvent(make(bytes)) : asWhole(make(bytes))),
          ...{ asking, statuses: [200, 502] },
        })),
      ),
    ];
    for (const { name, make, asking, statuses } of answers) {
      if (performance.now() > until) break;
      try {
        const fault = make(ANSWER_BYTES);
        const held = { statuses, plain: plainAnswer, bytes: 2 * ANSWER_BYTES };
        await hold(`an answer of ${name}`, held, () => relay.answer(fault, asking));
      } catch (error) {
        await anew(name, error);
      }
    }
    for (const bytes of SIZES) {
      await relay.measure(PLAIN, bytes);
      const plain = await relay.measure(PLAIN, bytes);
      for (const load of [...LONG_TEXTS, ...MANY_TEXTS, ...ROUTE_LOADS, ...FORMS, ...LOADS]) {
        if (performance.now() > until) break;
        // Chunks of one byte: sixty million of them are ten minutes by themselves.
        if (load.chunkBytes !== undefined && bytes > MOST_CHUNKED_BYTES) continue;
        const name = `${load.name}, ${bytes / MIB} MiB`;
        try {
          await hold(name, { statuses: TOLD, plain, bytes }, () => relay.measure(load, bytes));
        } catch (error) {
          await anew(name, error);
        }
      }
    }
  }
  await relay.close();
  console.log(`${problems} problems`);
  return problems;
};
