import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import type { Chunk } from '../../src/gemini/call.ts';
import { SENTINEL } from '../../src/gemini/signatures.ts';
import type { GenerateContentRequest } from '../../src/gemini/types.ts';
import * as faults from '../../src/simulator/faults.ts';
import * as google from '../../src/simulator/google-faults.ts';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import * as scripted from '../../src/simulator/scripted.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/virtual-system.ts';
import { callFor, collect, createRig, live, textOf } from '../upstreams/rig.ts';
import type { Rig } from '../upstreams/rig.ts';
import { quietNow } from '../support/machine.ts';

let simulator: Simulator;
let rig: Rig;

beforeAll(async () => {
  simulator = await startSimulator();
  rig = createRig(simulator, { transport: { firstByteTimeoutMs: 700, idleTimeoutMs: 700 } });
});

afterEach(() => {
  simulator.reset();
});

afterAll(async () => {
  await rig.close();
  await simulator.close();
});

const failureOf = async (work: Promise<unknown>): Promise<RelayError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof RelayError) return error;
    throw error;
  }
  throw new Error('it went well');
};

const asked = (): number => simulator.asked('generate').length;

/** A new rig for each, so that the retry budget of one case is not another's. */
const freshly = async <T>(work: (rig: Rig) => Promise<T>): Promise<T> => {
  const fresh = createRig(simulator, { transport: { firstByteTimeoutMs: 700, idleTimeoutMs: 700 } });
  try {
    return await work(fresh);
  } finally {
    await fresh.close();
  }
};

describe('failures before any byte, tried as often as they deserve', () => {
  interface Case {
    readonly fault: Fault;
    readonly tries: number;
    readonly status: number;
    readonly reason: string | undefined;
    readonly retryable?: boolean;
  }
  const CASES: Readonly<Record<string, Case>> = {
    'reset after sending': { fault: faults.resetBeforeHeaders(), tries: 2, status: 502, reason: 'upstream_closed' },
    'reset after the status line': { fault: faults.resetAfter(0), tries: 2, status: 502, reason: 'upstream_closed' },
    'no response head in time': {
      fault: faults.stallBeforeHeaders(),
      tries: 1,
      status: 504,
      reason: 'upstream_timeout',
    },
    'no first byte in time': { fault: faults.stallAfter(0), tries: 1, status: 504, reason: 'upstream_timeout' },
    '500': { fault: google.serverError(500), tries: 3, status: 500, reason: 'server_error' },
    '502': { fault: google.serverError(502), tries: 3, status: 502, reason: 'server_error' },
    '503': { fault: google.serverError(503), tries: 3, status: 503, reason: 'overloaded' },
    '504': { fault: google.serverError(504), tries: 3, status: 504, reason: 'upstream_timeout' },
    '408': { fault: google.serverError(408), tries: 3, status: 504, reason: 'upstream_timeout' },
    '499': { fault: google.serverError(499), tries: 2, status: 500, reason: 'server_error' },
    '429 with a short delay': { fault: google.rateLimited(), tries: 3, status: 429, reason: 'rate_limit_exceeded' },
    '429 with a long delay': {
      fault: google.rateLimited({ retryDelay: '42s' }),
      tries: 1,
      status: 429,
      reason: 'rate_limit_exceeded',
    },
    '429 for the day': {
      fault: google.dailyQuota(),
      tries: 1,
      status: 429,
      reason: 'insufficient_quota',
      retryable: false,
    },
    '429 for the day, as Code Assist says it': {
      fault: google.quotaExhausted(),
      tries: 1,
      status: 429,
      reason: 'insufficient_quota',
      retryable: false,
    },
    '429 without credits': {
      fault: google.creditsExhausted(),
      tries: 1,
      status: 429,
      reason: 'insufficient_quota',
      retryable: false,
    },
    '429 without a hint': { fault: google.withoutHint(), tries: 2, status: 429, reason: 'rate_limit_exceeded' },
    '429 for want of capacity': { fault: google.capacityExhausted(), tries: 3, status: 503, reason: 'overloaded' },
    '400': { fault: faults.failing({ code: 400, message: 'No.' }), tries: 1, status: 400, reason: undefined },
    '400 for a prompt too long': {
      fault: google.contextTooLong(),
      tries: 1,
      status: 400,
      reason: 'context_length_exceeded',
    },
    '404': {
      fault: faults.failing({ code: 404, message: 'Requested entity was not found.' }),
      tries: 1,
      status: 404,
      reason: 'model_not_found',
    },
    '409': { fault: faults.failing({ code: 409, message: 'No.' }), tries: 1, status: 409, reason: undefined },
    '413': { fault: faults.failing({ code: 413, message: 'No.' }), tries: 1, status: 413, reason: 'request_too_large' },
    '501': { fault: faults.failing({ code: 501, message: 'No.' }), tries: 1, status: 501, reason: undefined },
    'a redirect': { fault: faults.redirect(), tries: 1, status: 502, reason: 'upstream_bad_response' },
    'a page': { fault: faults.html(), tries: 1, status: 502, reason: 'upstream_bad_response' },
    'a page as an error': { fault: faults.html(503), tries: 3, status: 503, reason: 'overloaded' },
    'text in place of JSON': {
      fault: faults.contentType('text/plain'),
      tries: 1,
      status: 502,
      reason: 'upstream_bad_response',
    },
    'an event that is no JSON': {
      fault: faults.breakingWith(0, '{"a":'),
      tries: 1,
      status: 502,
      reason: 'upstream_bad_response',
    },
    'an error as the first event': {
      fault: faults.errorInStream(0, { code: 503, message: 'The model is overloaded.' }),
      tries: 3,
      status: 503,
      reason: 'overloaded',
    },
    'an empty body': {
      fault: faults.raw(200, { 'content-type': 'text/event-stream' }),
      tries: 2,
      status: 502,
      reason: 'upstream_empty_response',
    },
  };

  test.each(Object.entries(CASES))('%s', async (_name, { fault, tries, status, reason, retryable }) => {
    simulator.always('generate', fault);
    const error = await freshly((fresh) => failureOf(collect(fresh.upstream.generate(callFor(), live()))));
    expect({ status: error.status, reason: error.reason, tries: asked() }).toEqual({ status, reason, tries });
    expect(error.retryable).toBe(retryable);
    expect(error.message).not.toMatch(/<|doctype/i);
  });

  test('what fails only once is not seen by anybody', async () => {
    simulator.next('generate', google.serverError(503), google.rateLimited());
    const chunks = await collect(rig.upstream.generate(callFor(), live()));
    expect(textOf(chunks)).toContain('Say hello.');
    expect(asked()).toBe(3);
  });

  test('MAX_RETRIES=0: one try', async () => {
    const patient = createRig(simulator, { settings: { maxRetries: 0 } });
    simulator.always('generate', google.serverError(503));
    await failureOf(collect(patient.upstream.generate(callFor(), live())));
    expect(asked()).toBe(1);
    await patient.close();
  });

  test('a daily quota says when to come back', async () => {
    simulator.always('generate', google.quotaExhausted({ resetDelay: '1h2m3s' }));
    const error = await failureOf(rig.upstream.generate(callFor(), live()));
    expect(error.retryAfterMs).toBeGreaterThan(3_600_000);
  });

  test("a rate limit says when to try again, in Google's words and no client's", async () => {
    simulator.always('generate', google.rateLimited({ retryDelay: '12s' }));
    const error = await failureOf(rig.upstream.generate(callFor(), live()));
    expect(error.retryAfterMs).toBe(12_000);
    expect(error.message).toBe('Rate limit exceeded.');
    expect(JSON.stringify(error.details)).toContain('google.rpc.RetryInfo');
  });
});

describe('R11: 401 from Google', () => {
  test('the token is renewed and the call made once more', async () => {
    simulator.next('generate', google.unauthorized());
    const before = rig.tokens.token;
    expect(textOf(await collect(rig.upstream.generate(callFor(), live())))).toContain('Say hello.');
    expect(rig.tokens.discarded.at(-1)).toBe(before);
    expect(asked()).toBe(2);
  });

  test('a second 401 is 503, and never a 401', async () => {
    simulator.always('generate', google.unauthorized());
    const error = await failureOf(rig.upstream.generate(callFor(), live()));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', status: 503, reason: 'upstream_auth_error', retryable: false });
    expect(asked()).toBe(2);
  });
});

describe('R11: 401 inside an answer that began well', () => {
  const inside = faults.errorInStream(0, { code: 401, message: 'Request had invalid authentication credentials.' });

  test('the token is renewed and the call made once more', async () => {
    simulator.next('generate', inside);
    const before = rig.tokens.token;
    await collect(rig.upstream.generate(callFor(), live()));
    expect(rig.tokens.discarded.at(-1)).toBe(before);
    expect(asked()).toBe(2);
  });

  test('the second is 503', async () => {
    simulator.always('generate', inside);
    const error = await freshly((fresh) => failureOf(fresh.upstream.generate(callFor(), live())));
    expect(error).toMatchObject({ status: 503, reason: 'upstream_auth_error', retryable: false });
    expect(asked()).toBe(2);
  });
});

describe("trouble of the relay's own account is 503, with the way out", () => {
  test.each([
    [
      'verification',
      google.validationRequired('https://accounts.google.com/verify'),
      'account_ineligible',
      'https://accounts.google.com/verify',
    ],
    ['suspension', google.termsViolation(), 'account_ineligible', 'https://forms.gle/simulated'],
    ['a licence', google.licenceMissing(), 'account_ineligible', 'GOOGLE_CLOUD_PROJECT'],
    ['an API to enable', google.serviceDisabled(), 'config_error', 'https://console.developers.google.com'],
    ['anything else', google.denied(), 'upstream_auth_error', 'denies'],
  ])('%s', async (_name, fault, reason, way) => {
    await freshly(async (fresh) => {
      simulator.always('generate', fault);
      const error = await failureOf(fresh.upstream.generate(callFor(), live()));
      expect(error).toMatchObject({ code: 'UNAVAILABLE', status: 503, reason, retryable: false, details: [] });
      expect(error.message).toContain(way);
      expect(asked()).toBe(1);
      if (reason === 'upstream_auth_error') return;
      expect(fresh.door.status().status).toBe(reason);
      simulator.clear();
      await collect(fresh.upstream.generate(callFor(), live()));
      expect(fresh.door.status().status).toBe('healthy');
    });
  });
});

describe('R16, R18: after the first chunk nothing is tried again, and nothing broken looks whole', () => {
  const CASES: Readonly<Record<string, readonly [Fault, string]>> = {
    reset: [faults.resetAfter(1), 'upstream_closed'],
    silence: [faults.stallAfter(1), 'upstream_timeout'],
    'an end without a finish reason': [faults.cutAfter(1), 'upstream_incomplete'],
    'no finish reason at all': [faults.withoutFinishReason(), 'upstream_incomplete'],
    garbage: [faults.garbageAfter(1), 'upstream_bad_response'],
    'an error event': [faults.errorInStream(1, { code: 503, message: 'The model is overloaded.' }), 'overloaded'],
  };

  test.each(
    Object.entries(CASES).flatMap(([name, [fault, reason]]) =>
      [true, false].map((native) => [name, native, fault, reason] as const),
    ),
  )('%s (native: %s)', async (_name, native, fault, reason) => {
    simulator.next('generate', fault);
    const seen: Chunk[] = [];
    const error = await failureOf(
      (async () => {
        const answer = await rig.upstream.generate(callFor(undefined, { native }), live());
        for await (const batch of answer) seen.push(...batch);
      })(),
    );
    expect(seen.length).toBeGreaterThan(0);
    expect(error.reason).toBe(reason);
    expect(asked()).toBe(1);
  });

  test.each([
    ['cut gzip', faults.gzipped({ cutBytes: 12 }), 'upstream_bad_response'],
    ['a whole answer cut short', faults.truncated(40), 'upstream_bad_response'],
  ])('%s is no partial answer', async (_name, fault, reason) => {
    simulator.always('generate', fault);
    const error = await failureOf(collect(rig.upstream.generate(callFor(undefined, { stream: false }), live())));
    expect(error).toMatchObject({ status: 502, reason });
  });

  test('a last event that was cut off is an incomplete answer', async () => {
    simulator.next(
      'generate',
      faults.raw(
        200,
        { 'content-type': 'text/event-stream' },
        'data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\n\ndata: {"candidates":[{"con',
      ),
    );
    const error = await failureOf(collect(rig.upstream.generate(callFor(), live())));
    expect(error.reason).toBe('upstream_incomplete');
  });
});

describe('R20: every way in which Google writes events', () => {
  test.each(
    Object.entries({
      LF: faults.lineEnds('\n'),
      CR: faults.lineEnds('\r'),
      CRLF: faults.lineEnds('\r\n'),
      'no space after the colon': faults.withoutBlankAfterTheColon(),
      'no blank line at the end': faults.withoutLastBlankLine(),
      'comments, fields and a byte order mark': faults.withComments(),
      'JSON over several lines': faults.overSeveralLines(),
      '[DONE]': faults.withDone(),
      'no envelope': faults.unwrapped(),
      'arrays of one': faults.inArrays(),
      'byte by byte': faults.dripping(7, 0),
      'inside characters': faults.splitInsideCharacters(),
      gzip: faults.gzipped(),
    }),
  )('%s', async (_name, fault) => {
    const call = callFor('Grüße 🙂 aus 東京');
    const honest = textOf(await collect(rig.upstream.generate(call, live())));
    simulator.next('generate', fault);
    const chunks = await collect(rig.upstream.generate(call, live()));
    expect(textOf(chunks)).toBe(honest);
    expect(honest).toContain('Grüße 🙂 aus 東京');
    for (const chunk of chunks) {
      expect(chunk.json).not.toContain('\n');
      expect(JSON.parse(chunk.json)).toEqual(chunk.value);
    }
  });

  test('one event of 20 MB', async () => {
    simulator.next('generate', faults.hugeChunk(20_000_000));
    const chunks = await collect(rig.upstream.generate(callFor(), live()));
    expect(textOf(chunks).length).toBe(20_000_000);
  });
});

describe('R21: bytes of Google are bounded', () => {
  test.each([
    ['an event over 32 MiB', true, faults.hugeBody(40 * 1024 * 1024)],
    ['a whole answer over 64 MiB', false, faults.hugeBody(70 * 1024 * 1024)],
    ['a gzip bomb in a whole answer', false, faults.gzipped({ bombBytes: 200 * 1024 * 1024 })],
    ['a gzip bomb in a stream', true, faults.gzipped({ bombBytes: 200 * 1024 * 1024 })],
    ['one of comments', true, faults.gzipped({ bombBytes: 200 * 1024 * 1024, bomb: ': ping\n\n' })],
    ['one of events without data', true, faults.gzipped({ bombBytes: 200 * 1024 * 1024, bomb: 'data:\n\n' })],
  ])('%s', async (_name, stream, fault) => {
    simulator.next('generate', fault);
    const error = await failureOf(collect(rig.upstream.generate(callFor(undefined, { stream }), live())));
    expect(error).toMatchObject({ status: 502, reason: 'upstream_bad_response' });
    await until('the connection is closed', () => simulator.connections() <= 2);
  });

  test('an encoding that nobody asked for', async () => {
    simulator.next('generate', faults.raw(200, { 'content-type': 'application/json', 'content-encoding': 'br' }, 'x'));
    const error = await failureOf(collect(rig.upstream.generate(callFor(), live())));
    expect(error).toMatchObject({ status: 502, reason: 'upstream_bad_response' });
  });
});

/** The promise is 100 ms. A busy machine is given some more: whoever missed the abort would need at least 700. */
const AT_ONCE_MS = 500;

describe('R22: a client that leaves', () => {
  const leaving = async (work: (signal: AbortSignal) => Promise<unknown>, when: () => boolean): Promise<number> => {
    const controller = new AbortController();
    const reason = new RelayError('CANCELLED', 'The client left.');
    const ended = failureOf(work(controller.signal));
    await until('the call is under way', when);
    const leftAt = quietNow();
    controller.abort(reason);
    expect(await ended).toBe(reason);
    return quietNow() - leftAt;
  };

  test('while waiting for the response head', async () => {
    simulator.next('generate', faults.stallBeforeHeaders());
    const open = simulator.connections() + 1;
    const ms = await leaving(
      (signal) => rig.upstream.generate(callFor(), signal),
      () => asked() === 1,
    );
    expect(ms).toBeLessThan(AT_ONCE_MS);
    await until('the connection is gone', () => simulator.connections() < open);
  });

  test('while waiting for the first byte, and in the middle, though Google is silent', async () => {
    for (const pieces of [0, 1]) {
      simulator.clear();
      simulator.next('generate', faults.stallAfter(pieces));
      const open = simulator.connections();
      let batches = 0;
      const ms = await leaving(
        async (signal) => {
          for await (const batch of await rig.upstream.generate(callFor(), signal)) batches += Math.sign(batch.length);
        },
        () => asked() === 1 && batches === pieces,
      );
      expect(ms).toBeLessThan(AT_ONCE_MS);
      await until('the connection is gone', () => simulator.connections() < Math.max(open, 1));
    }
  });

  test('before a retry', async () => {
    const slow = createRig(simulator, {
      needs: { system: { ...(await import('../../src/system.ts')).createSystem(), random: () => 0.999 } },
    });
    simulator.always('generate', google.rateLimited({ retryDelay: '9s' }));
    const ms = await leaving(
      (signal) => slow.upstream.generate(callFor(), signal),
      () => asked() === 1 && slow.log.of('debug').length === 1,
    );
    expect(ms).toBeLessThan(AT_ONCE_MS);
    expect(asked()).toBe(1);
    await slow.close();
  });

  test('a reader that stops early closes the connection', async () => {
    simulator.next('generate', faults.stallAfter(1));
    for await (const batch of await rig.upstream.generate(callFor(), live())) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    await until('the connection is gone', () => simulator.connections() <= 2);
  });
});

describe('answers that are no good, for translated calls', () => {
  const empty = scripted.ends('STOP');

  test('STOP with nothing in it is asked for once more', async () => {
    simulator.answer(empty);
    simulator.next('generate', faults.answering(...scripted.says('Now.')));
    expect(textOf(await collect(rig.upstream.generate(callFor(), live())))).toBe('Now.');
    expect(asked()).toBe(2);
  });

  test('and passed on when it comes again', async () => {
    simulator.always('generate', faults.answering(empty));
    const chunks = await collect(rig.upstream.generate(callFor(), live()));
    expect(chunks[0]?.value.candidates?.[0]?.finishReason).toBe('STOP');
    expect(asked()).toBe(2);
  });

  test('and passed on when asking again fails', async () => {
    simulator.answer(empty);
    simulator.next('generate', faults.failing({ code: 400, message: 'No.' }));
    const chunks = await collect(rig.upstream.generate(callFor(), live()));
    expect(chunks[0]?.value.candidates?.[0]?.finishReason).toBe('STOP');
  });

  test.each([...['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'MALFORMED_RESPONSE']])(
    '%s: once more, then 502',
    async (finishReason) => {
      simulator.always('generate', faults.answering(scripted.ends(finishReason)));
      const error = await freshly((fresh) => failureOf(fresh.upstream.generate(callFor(), live())));
      expect(error).toMatchObject({ status: 502, reason: 'upstream_malformed_function_call' });
      expect(asked()).toBe(2);
    },
  );

  const called = (signature?: string): GenerateContentRequest => ({
    contents: [
      { role: 'user', parts: [{ text: 'Weather?' }] },
      {
        role: 'model',
        parts: [{ functionCall: { name: 'wx', args: {} }, ...(signature && { thoughtSignature: signature }) }],
      },
      { role: 'user', parts: [{ functionResponse: { name: 'wx', response: {} } }] },
    ],
  });

  test('a missing signature is asked for once more with a stand-in, not the same again', async () => {
    simulator.next('generate', faults.answering(scripted.ends('MISSING_THOUGHT_SIGNATURE')));
    await collect(rig.upstream.generate(callFor(called('c2lnbmF0dXJl')), live()));
    expect(simulator.asked('generate').map(({ body }) => JSON.stringify(body).includes(SENTINEL))).toEqual([
      false,
      true,
    ]);
  });

  test('a missing signature for which nothing can stand in is an error at once', async () => {
    simulator.always('generate', faults.answering(scripted.ends('MISSING_THOUGHT_SIGNATURE')));
    const error = await freshly((fresh) => failureOf(fresh.upstream.generate(callFor(called(SENTINEL)), live())));
    expect(error).toMatchObject({ status: 502, reason: 'upstream_missing_signature' });
    expect(asked()).toBe(1);
  });

  test('a malformed call after a thought in a whole answer is asked for once more', async () => {
    simulator.answer(scripted.thinks('Hm.'), scripted.ends('MALFORMED_FUNCTION_CALL'));
    simulator.next('generate', faults.answering(...scripted.says('Now.')));
    expect(textOf(await collect(rig.upstream.generate(callFor(undefined, { stream: false }), live())))).toBe('Now.');
  });

  test('no candidates and no block: once more, then 502', async () => {
    simulator.always('generate', faults.answering({ usageMetadata: { promptTokenCount: 1 } }));
    const error = await freshly((fresh) =>
      failureOf(fresh.upstream.generate(callFor(undefined, { stream: false }), live())),
    );
    expect(error).toMatchObject({ status: 502, reason: 'upstream_empty_response' });
    expect(asked()).toBe(2);
  });

  test.each([
    ['a blocked prompt', { promptFeedback: { blockReason: 'SAFETY' } }],
    ['an end for length', scripted.ends('MAX_TOKENS')],
    ['a block of the answer', scripted.ends('SAFETY')],
  ])('%s is an answer', async (_name, chunk) => {
    simulator.answer(chunk);
    expect(await collect(rig.upstream.generate(callFor(), live()))).toHaveLength(1);
    expect(asked()).toBe(1);
  });

  test('native clients judge for themselves', async () => {
    const blocked = { promptFeedback: { blockReason: 'OTHER' } };
    for (const chunk of [empty, scripted.ends('MALFORMED_FUNCTION_CALL'), blocked]) {
      simulator.clear();
      simulator.answer(chunk);
      await collect(rig.upstream.generate(callFor(undefined, { native: true, stream: false }), live()));
      expect(asked()).toBe(1);
    }
  });
});
