import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Target } from '../../src/simulator/fault-queue.ts';
import { createSystem } from '../../src/system.ts';
import type { System } from '../../src/system.ts';
import { startRelay } from '../support/relay.ts';
import type { DoorName, TestRelay } from '../support/relay.ts';
import { at, streamed } from './case.ts';
import type { Ask, Body, Case, Family, Got } from './case.ts';
import { CASES } from './cases.ts';

const DOORS: readonly DoorName[] = ['code-assist', 'gemini-api', 'vertex'];

/** Waits before retries take no time; and each test has the retries of a minute to itself (R15). */
const createLeapingSystem = (): System & { leap(): void } => {
  const real = createSystem();
  let leapt = 0;
  return {
    ...real,
    monotonic: () => real.monotonic() + leapt,
    // Longer ones are limits, not waits: of 2 s for a count of tokens, of 10 s and more for the rest.
    sleep: (ms, signal) => real.sleep(ms < 2000 ? 0 : ms, signal),
    leap: () => {
      leapt += 61_000;
    },
  };
};

/** A stream's words in one piece: the place where it is cut must not matter. */
const joined = (text: string): string => {
  const words: string[] = [];
  for (const [, data = ''] of text.matchAll(/^data: (\{.*\})\r?$/gm)) {
    JSON.parse(data, (name, value: unknown) => {
      if ((name === 'content' || name === 'text') && typeof value === 'string') words.push(value);
      return value;
    });
  }
  return words.join('');
};

/** To Google's clients a broken stream ends with the connection: what came before is the answer. */
const textOf = async (response: Response): Promise<string> => {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) pieces.push(piece);
  } catch (error) {
    if (pieces.length === 0) throw error;
  }
  return Buffer.concat(pieces).toString();
};

const ask = async (relay: TestRelay, { path, body }: Ask): Promise<Got> => {
  const response = await relay.post(path, body);
  const text = await textOf(response);
  let json: Body | undefined;
  try {
    json = JSON.parse(text) as Body;
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
};

/** What Google was asked last, whatever its envelope. */
const lastSent = (relay: TestRelay): { readonly model: string; readonly request: Body } => {
  const sent = relay.simulator.asked('generate').at(-1);
  if (!sent) throw new Error('Google was not asked');
  const body = sent.body as Body;
  if (sent.door === 'code-assist') return { model: String(body['model']), request: body['request'] as Body };
  return { model: /\/models\/([^/:]+):/.exec(sent.path)?.[1] ?? '', request: body };
};

const find = (object: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, name) => (inner === undefined ? undefined : (inner as Body)[name]), object);

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  502: 'api_error',
  503: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const check = (one: Case, door: DoorName, family: Family, relay: TestRelay, got: Got): void => {
  const status = at(one.status ?? 200, door);
  const expected = typeof status === 'number' ? status : (status[family] ?? status.openai);
  expect(got, got.text.slice(0, 500)).toHaveProperty('status', expected);
  if (one.says !== undefined) expect(`${joined(got.text)}\n${got.text}`).toMatch(at(one.says, door));
  if (one.unsaid !== undefined) expect(got.text).not.toMatch(one.unsaid);
  if (one.code !== undefined) {
    const error = got.json?.['error'];
    const [openai, gemini] = at(one.code, door);
    const shapes = {
      openai: { code: openai },
      gemini: { status: gemini, code: expected },
      anthropic: { type: TYPES[expected] },
    };
    expect(error).toMatchObject(shapes[family]);
  }
  for (const [name, value] of Object.entries(one.headers ?? {})) expect(got.headers.get(name)).toBe(value);
  expect(relay.simulator.asked(at<Target>(one.operation ?? 'generate', door))).toHaveLength(at(one.calls ?? 1, door));
  if (one.model !== undefined) expect(lastSent(relay).model).toBe(at(one.model, door));
  if (one.sent !== undefined) expect(lastSent(relay).request).toMatchObject(at(one.sent, door));
  for (const path of one.unsent === undefined ? [] : at(one.unsent, door)) {
    expect(find(lastSent(relay).request, path)).toBeUndefined();
  }
  expect(relay.simulator.waiting()).toBe(0);
  expect(relay.simulator.leaks()).toEqual([]);
};

const questions = ({ form, ...one }: Case): readonly (readonly [string, Family, Ask])[] =>
  (['openai', 'anthropic', 'gemini'] as const).flatMap((family) => {
    const whole = one[family];
    const asked: (readonly [string, Family, Ask])[] = [];
    if (whole && form !== 'streamed') asked.push([`${family}, whole`, family, whole]);
    if (whole && form !== 'whole') asked.push([`${family}, streamed`, family, streamed(whole)]);
    return asked;
  });

const play = async (one: Case, door: DoorName, family: Family, relay: TestRelay, question: Ask): Promise<void> => {
  relay.simulator.next(at<Target>(one.operation ?? 'generate', door), ...at(one.faults ?? [], door));
  one.prepare?.(relay.simulator, relay);
  check(one, door, family, relay, await ask(relay, question));
};

const system = createLeapingSystem();
let relay: TestRelay;
afterEach(() => {
  system.leap();
  relay.simulator.reset();
  for (const { id } of relay.relay.parts.door.control.states()) relay.relay.parts.door.control.reset(id);
});

describe.each(DOORS)('through %s', (door) => {
  beforeAll(async () => {
    relay = await startRelay({ door, system });
    return () => relay.close();
  });
  for (const [kind, cases] of Object.entries<readonly Case[]>(CASES)) {
    describe(kind, () => {
      for (const one of cases) {
        test.each(questions(one))(`${one.name}: %s`, (_name, family, question) =>
          play(one, door, family, relay, question),
        );
      }
    });
  }
});

/** With two doors: what Google says of the request or in the answer is told as ever, what it says of a door is not felt. */
describe('through code-assist,gemini-api', () => {
  const FIRST = 'code-assist';
  const NEXT = 'gemini-api';
  beforeAll(async () => {
    relay = await startRelay({
      system,
      env: { UPSTREAM: `${FIRST},${NEXT}`, GEMINI_API_KEY: `AIza${'Simulated'.repeat(4).slice(0, 35)}` },
    });
    return () => relay.close();
  });

  const isLacking = (one: Case): boolean => at(one.status ?? 200, FIRST) === 404;
  /** Of the door, not of the request: with one door the client is told to come back, or that the owner must act. */
  const isOfDoor = (one: Case): boolean => {
    const status = at(one.status ?? 200, FIRST);
    return one.faults !== undefined && ![200, 400, 404].includes(typeof status === 'number' ? status : status.openai);
  };
  /** What the first has not, the second is asked for, too. */
  const withBoth = (one: Case): Case =>
    isLacking(one) ? { ...one, calls: at(one.calls ?? 1, FIRST) + at(one.calls ?? 1, NEXT) } : one;

  for (const [kind, all] of Object.entries<readonly Case[]>(CASES)) {
    // What is set up for one door, or counted at one, is another story with two.
    const cases = all.filter(({ prepare, operation }) => prepare === undefined && operation === undefined);
    if (cases.length === 0) continue;
    describe(kind, () => {
      for (const one of cases) {
        test.each(questions(one))(`${one.name}: %s`, async (_name, family, question) => {
          if (!isOfDoor(one)) {
            await play(withBoth(one), isLacking(one) ? NEXT : FIRST, family, relay, question);
            return;
          }
          relay.simulator.next('generate', ...at(one.faults ?? [], FIRST));
          const { status, headers, text } = await ask(relay, question);
          expect([status, headers.get('x-relay-door')], text.slice(0, 500)).toEqual([200, NEXT]);
          expect(text).not.toContain('"error"');
          expect(relay.simulator.waiting()).toBe(0);
        });
      }
    });
  }
});
