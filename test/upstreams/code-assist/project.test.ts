import { describe, expect, test } from 'vitest';
import { RelayError } from '../../../src/errors.ts';
import type { FoundProject } from '../../../src/upstreams/code-assist/discovery.ts';
import { createProjectFinder } from '../../../src/upstreams/code-assist/project.ts';
import { failed } from '../../../src/errors.ts';
import { troubleOf } from '../../../src/upstreams/causes.ts';
import { forEverybody } from '../../../src/upstreams/sanitise.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { createVirtualSystem } from '../../support/virtual-system.ts';
import { live } from '../rig.ts';

const HOUR_MS = 3_600_000;

const createBench = () => {
  const system = createVirtualSystem();
  const log = createMemoryLog();
  const bench = {
    system,
    log,
    who: 'someone' as string | undefined,
    asked: 0,
    answer: (_signal: AbortSignal): Promise<FoundProject> =>
      Promise.resolve({ project: 'first', tier: 'standard-tier' }),
  };
  const finder = createProjectFinder({
    discover: (signal) => {
      bench.asked += 1;
      return bench.answer(signal);
    },
    identity: () => bench.who,
    system,
    log,
  });
  return Object.assign(bench, { finder, find: () => finder.find(live()) });
};

const ineligible = (): Promise<never> =>
  Promise.reject(
    new RelayError('UNAVAILABLE', 'Verify: https://accounts.google.com/x.', {
      told: 'owner of project-7',
      reason: 'account_ineligible',
      retryable: false,
    }),
  );
const unreachable = (): Promise<never> =>
  Promise.reject(
    new RelayError('UNAVAILABLE', 'No network (proxy: http://proxy.internal:3128).', {
      fix: 'Check the network.',
      reason: 'upstream_unreachable',
      status: 502,
    }),
  );

describe('the project', () => {
  test('is remembered for hours, and then asked for again', async () => {
    const bench = createBench();
    await bench.find();
    await bench.system.advance(3 * HOUR_MS);
    await bench.find();
    expect(bench.asked).toBe(1);
    await bench.system.advance(1.5 * HOUR_MS);
    await bench.find();
    expect(bench.asked).toBe(2);
  });

  test('is kept while Google cannot be asked', async () => {
    const bench = createBench();
    await bench.find();
    await bench.system.advance(5 * HOUR_MS);
    bench.answer = unreachable;
    expect(await bench.find()).toBe('first');
    expect(bench.asked).toBe(2);
  });

  test('is asked for again after a doubt, but not for each doubt about a young answer', async () => {
    const bench = createBench();
    await bench.find();
    bench.finder.doubt();
    await bench.find();
    expect(bench.asked).toBe(1);
    await bench.system.advance(61_000);
    bench.finder.doubt();
    bench.answer = () => Promise.resolve({ project: 'second', tier: undefined });
    expect(await bench.find()).toBe('second');
  });

  test('belongs to a login', async () => {
    const bench = createBench();
    await bench.find();
    bench.who = 'another';
    bench.answer = () => Promise.resolve({ project: 'second', tier: undefined });
    expect(await bench.find()).toBe('second');
  });

  test('trouble is told with its cause, logged once, and asked about again', async () => {
    const bench = createBench();
    expect(bench.finder.status().message).toBe('The relay is asking Code Assist for the project.');
    bench.answer = unreachable;
    await expect(bench.find()).rejects.toThrow('No network');
    await expect(bench.find()).rejects.toThrow('No network');
    expect(bench.finder.status()).toEqual({
      status: 'starting',
      message: 'No network.',
      fix: 'Check the network. The relay keeps asking Code Assist for the project; `npm run health` looks closer.',
    });
    expect(bench.log.of('warn')).toEqual(['Code Assist cannot be asked for the project; the relay keeps trying']);
    expect(bench.log.lines[0]?.fields).toMatchObject({ reason: 'upstream_unreachable' });
    bench.who = 'another';
    expect(bench.finder.status().message).not.toContain('No network');
    bench.who = 'someone';
    bench.answer = () => Promise.resolve({ project: 'first', tier: undefined });
    expect(await bench.find()).toBe('first');
    expect(bench.finder.status().status).toBe('healthy');
  });

  test('what the credentials have told already is not logged twice', async () => {
    const bench = createBench();
    bench.answer = () => Promise.reject(new RelayError('UNAVAILABLE', 'No token.', { reason: 'token_unavailable' }));
    await expect(bench.find()).rejects.toThrow('No token.');
    expect(bench.log.lines).toEqual([]);
    expect(bench.finder.status().message).toBe('The relay is asking Code Assist for the project.');
  });

  test.each([
    ['a refused request', new RelayError('INVALID_ARGUMENT', 'Invalid JSON payload received.')],
    ['not found', failed('model_not_found', 'Requested entity was not found.')],
    ['too large', failed('request_too_large', 'Big.')],
    ['a limit for now', failed('rate_limit_exceeded', 'Resource exhausted.', { retryAfterMs: 7000 })],
  ])("%s: no word about the client's own request, and the door is in trouble", async (_what, said) => {
    const bench = createBench();
    bench.answer = () => Promise.reject(said);
    const error = await bench.find().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 502, reason: 'server_error', retryAfterMs: said.retryAfterMs, cause: said });
    expect(troubleOf(error)).toMatchObject({ cause: 'server_error', scope: 'door' });
    expect((error as RelayError).message).toContain('cannot be asked for the project');
  });

  test('an answer that says nothing is trouble of the door as well', async () => {
    const bench = createBench();
    bench.answer = () => Promise.reject(failed('upstream_empty_response', 'Nothing was said.'));
    const error = await bench.find().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'upstream_empty_response', doorCause: 'server_error' });
  });

  test('that the account is denied it is about the account, and no model', async () => {
    const bench = createBench();
    const denied = failed('upstream_auth_error', 'Denied.', { doorCause: 'permission' });
    bench.answer = () => Promise.reject(denied);
    expect(troubleOf(await bench.find().catch((thrown: unknown) => thrown))).toMatchObject({
      cause: 'permission',
      scope: 'key',
    });
  });

  test('is given two minutes', async () => {
    const bench = createBench();
    bench.answer = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    const pending = bench.find().catch((error: unknown) => error);
    await bench.system.advance(119_000);
    expect(bench.system.sleepers()).toBe(1);
    await bench.system.advance(2000);
    expect(await pending).toMatchObject({ code: 'DEADLINE_EXCEEDED', reason: 'upstream_timeout' });
  });
});

describe('a refusal', () => {
  test('is told for a minute, and then asked about again', async () => {
    const bench = createBench();
    bench.answer = ineligible;
    await expect(bench.find()).rejects.toThrow('Verify');
    await bench.system.advance(59_000);
    await expect(bench.find()).rejects.toThrow('Verify');
    expect(bench.asked).toBe(1);
    await bench.system.advance(2000);
    await expect(bench.find()).rejects.toThrow('Verify');
    expect(bench.asked).toBe(2);
    expect(bench.log.of('error')).toHaveLength(1);
    bench.answer = () => Promise.resolve({ project: 'first', tier: undefined });
    await bench.system.advance(61_000);
    expect(await bench.find()).toBe('first');
    expect(bench.finder.status().status).toBe('healthy');
  });

  test('R31: what everybody may read has the way out, and nothing that Google said of the account', async () => {
    const bench = createBench();
    bench.answer = ineligible;
    await bench.find().catch(() => undefined);
    expect(bench.finder.status()).toMatchObject({
      status: 'account_ineligible',
      message: 'Verify: https://accounts.google.com/x.',
    });
  });

  test.each([
    'https://console.developers.google.com/apis/api/x/overview?project=123456789012',
    'https://accounts.google.com/signin/continue?Email=me%40example.com',
    'https://accounts.google.com/x?authuser=1',
  ])('R31: a link that names a project or somebody stays in the log: %s', (link) => {
    const error = failed('config_error', `It is off: ${link}.`, { fix: `Enable it: ${link}, and wait.`, told: link });
    expect(forEverybody(error)).toEqual({
      message: 'It is off: (the link is in the log)',
      fix: 'Enable it: (the link is in the log), and wait.',
    });
  });
});
