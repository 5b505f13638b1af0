import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Target } from '../../src/simulator/fault-queue.ts';
import { createSystem } from '../../src/system.ts';
import type { System } from '../../src/system.ts';
import { startRelay } from '../support/relay.ts';
import type { DoorName, TestRelay } from '../support/relay.ts';
import { at, isByDoor, streamed } from './case.ts';
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

/**
 * Where there are two, the second answers what the first has not or what Google does to it: what is left is to be the
 * same as with one.
 */
const isSameWithTwo = (one: Case): boolean =>
  one.faults === undefined &&
  one.prepare === undefined &&
  one.operation === undefined &&
  one.calls === undefined &&
  one.status !== 404 &&
  !Object.values(one).some((value) => isByDoor(value));

describe.each([...DOORS, 'code-assist,gemini-api'] as const)('through %s', (doors) => {
  const isTwo = doors === 'code-assist,gemini-api';
  const door = isTwo ? 'code-assist' : doors;
  const system = createLeapingSystem();
  let relay: TestRelay;
  beforeAll(async () => {
    relay = await startRelay({
      door,
      system,
      ...(isTwo && { env: { UPSTREAM: doors, GEMINI_API_KEY: `AIza${'Simulated'.repeat(4).slice(0, 35)}` } }),
    });
  });
  afterEach(() => {
    system.leap();
    relay.simulator.reset();
  });
  afterAll(() => relay.close());

  for (const [kind, all] of Object.entries(CASES)) {
    const cases: readonly Case[] = isTwo ? all.filter(isSameWithTwo) : all;
    if (cases.length === 0) continue;
    describe(kind, () => {
      for (const one of cases) {
        test.each(questions(one))(`${one.name}: %s`, async (_name, family, question) => {
          relay.simulator.next(at<Target>(one.operation ?? 'generate', door), ...at(one.faults ?? [], door));
          one.prepare?.(relay.simulator, relay);
          check(one, door, family, relay, await ask(relay, question));
        });
      }
    });
  }
});
