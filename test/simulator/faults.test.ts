import { gunzipSync } from 'node:zlib';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as faults from '../../src/simulator/faults.ts';
import * as google from '../../src/simulator/google-faults.ts';
import { wait } from '../../src/simulator/reply.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { ask, code, errorOf, eventsOf, generatedIn, textOf, type GoogleFailure } from './asking.ts';

const PHRASE = 'stream 9 words';
const WORDS = 'word1 word2 word3 word4 word5 word6 word7 word8 word9';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(() => {
  simulator.reset();
});
afterAll(() => simulator.close());

const stream = () => ask(simulator, code(PHRASE, { stream: true }));

describe('Google’s refusals', () => {
  it.each([
    [
      'rateLimited',
      google.rateLimited({ retryDelay: '2s' }),
      429,
      ['ErrorInfo', 'RetryInfo'],
      /RATE_LIMIT_EXCEEDED.*"2s"/,
    ],
    ['perMinuteQuota', google.perMinuteQuota(), 429, ['QuotaFailure', 'Help', 'RetryInfo'], /PerMinute/],
    ['dailyQuota', google.dailyQuota(), 429, ['QuotaFailure', 'RetryInfo'], /PerDay/],
    ['quotaExhausted', google.quotaExhausted(), 429, ['ErrorInfo'], /QUOTA_EXHAUSTED.*quotaResetDelay":"13h19m1.2s/],
    ['withoutHint', google.withoutHint(), 429, [], /Resource has been exhausted/],
    ['capacityExhausted', google.capacityExhausted(503), 503, ['ErrorInfo'], /MODEL_CAPACITY_EXHAUSTED/],
    ['creditsExhausted', google.creditsExhausted(), 429, ['ErrorInfo'], /INSUFFICIENT_G1_CREDITS_BALANCE/],
    ['serverError', google.serverError(500), 500, [], /INTERNAL/],
    ['serverError', google.serverError(504), 504, [], /DEADLINE_EXCEEDED/],
    ['serverError', google.serverError(408), 408, [], /408/],
    ['unauthorized', google.unauthorized(), 401, ['ErrorInfo'], /UNAUTHENTICATED/],
    ['denied', google.denied(), 403, [], /PERMISSION_DENIED/],
    ['validationRequired', google.validationRequired(), 403, ['ErrorInfo', 'Help'], /validation_url/],
    ['termsViolation', google.termsViolation(), 403, ['ErrorInfo'], /TOS_VIOLATION.*appeal_url/],
    ['serviceDisabled', google.serviceDisabled(), 403, ['ErrorInfo', 'Help'], /activationUrl/],
    ['licenceMissing', google.licenceMissing(), 403, [], /\(#3501\)/],
    ['locationUnsupported', google.locationUnsupported(), 400, [], /FAILED_PRECONDITION/],
    ['contextTooLong', google.contextTooLong(), 400, [], /exceeds the maximum number of tokens/],
  ] as const)('%s has its status and details', async (_name, fault, status, types, words) => {
    simulator.next('generate', fault, fault);
    const answer = await ask(simulator, code('hello'));
    expect(answer.status).toBe(status);
    const error = await errorOf(answer);
    expect(JSON.stringify(error)).toMatch(words);
    expect((error.details ?? []).map((detail) => detail['@type'])).toEqual(
      types.map((type) => `type.googleapis.com/google.rpc.${type}`),
    );
    expect((await (await stream()).json()) as GoogleFailure[]).toMatchObject([{ error: { code: status } }]);
  });

  it('carries headers of its own', async () => {
    simulator.next('generate', google.serverError(503, { 'retry-after': '7' }));
    expect((await ask(simulator, code('hello'))).headers.get('retry-after')).toBe('7');
  });
});

describe('the way of the bytes', () => {
  /** However they are cut and framed, these bring the same text. */
  it.each([
    ['split at odd places', faults.splitAt(1, 7, 8, 100)],
    ['byte by byte', faults.dripping(50, 0)],
    ['slowly', faults.slowChunks(1)],
    ['late', faults.slowBody(5)],
    ['with late headers', faults.slowHeaders(5)],
    ['packed', faults.gzipped()],
  ])('%s brings the same', async (_how, fault) => {
    simulator.next('generate', fault);
    expect(textOf(...(await eventsOf(await stream())).map(generatedIn))).toBe(WORDS);
  });

  it.each([
    ['LF', faults.lineEnds('\n'), /^(data: \{.*\}\n\n)+$/],
    ['CR', faults.lineEnds('\r'), /^(data: \{[^\r\n]*\}\r\r)+$/],
    ['no blank after the colon', faults.withoutBlankAfterTheColon(), /^(data:\{.*\}\r\n\r\n)+$/],
    ['an open end', faults.withoutLastBlankLine(), /\}$/],
    ['comments', faults.withComments(), /^: comment\r\n\r\nevent: message\r\nid: 0\r\nretry: 10\r\ndata: \{/],
    ['several lines an event', faults.overSeveralLines(), /^data: \{\r\ndata: {3}"response": \{\r\n/],
    ['[DONE]', faults.withDone(), /data: \[DONE\]\r\n\r\n$/],
    ['no envelope', faults.unwrapped(), /^data: \{"candidates":/],
    ['arrays of one', faults.inArrays(), /^data: \[\{"response":.*\}\]\r\n\r\n/],
  ])('frames with %s', async (_what, fault, shape) => {
    simulator.next('generate', fault);
    expect(await (await stream()).text()).toMatch(shape);
  });

  it.each([
    ['cutAfter', faults.cutAfter(2), /word2/, /word3/],
    ['withoutFinishReason', faults.withoutFinishReason(), /word9/, /finishReason/],
    [
      'garbageAfter',
      faults.garbageAfter(1),
      /word1.*\r\n\r\ndata: \{"candidates": \[\{"content": \{"pa\r\n\r\n$/s,
      /word2/,
    ],
    [
      'errorInStream',
      faults.errorInStream(1, { code: 503, message: 'overloaded' }),
      /word1.*\r\n\r\ndata: \{"error":\{"code":503,"message":"overloaded","status":"UNAVAILABLE"\}\}/s,
      /word2/,
    ],
    ['errorInStream at once', faults.errorInStream(0, { code: 429, message: 'no' }), /^data: \{"error":/, /word1/],
    ['truncated', faults.truncated(9), /^data: \{"r$/, /word1/],
    ['gzipped and cut', faults.gzipped({ cutBytes: 20 }), /word1/, /"STOP"/],
  ])('%s ends a stream early', async (_name, fault, present, absent) => {
    simulator.next('generate', fault);
    const text = await (await stream()).text();
    expect(text).toMatch(present);
    expect(text).not.toMatch(absent);
  });

  it.each([
    ['before the status line', faults.resetBeforeHeaders()],
    ['after it', faults.resetAfter(0)],
    ['in mid-stream', faults.resetAfter(3)],
  ])('breaks %s', async (_when, fault) => {
    simulator.next('generate', fault);
    await expect(stream().then((answer) => answer.text())).rejects.toThrow();
    expect(simulator.requests[0]?.aborted).toBe(false);
  });

  it.each([
    ['a page', faults.html(), 200, /^text\/html/],
    ['another content type', faults.contentType('text/plain'), 200, /^text\/plain/],
    ['nothing at all', faults.empty(), 200, /^$/],
    ['a redirect', faults.redirect('https://example.com/'), 302, /^$/],
    ['any bytes', faults.raw(418, { 'content-type': 'x/y' }, 'data: ', wait(1), Buffer.from([0xff])), 418, /^x\/y/],
  ])('answers %s', async (_what, fault, status, type) => {
    simulator.next('generate', fault);
    const { path, body } = code('hello');
    const headers = { authorization: `Bearer ${simulator.credentials.access_token}` };
    const init = { method: 'POST', body: JSON.stringify(body), headers, redirect: 'manual' } as const;
    const answer = await fetch(simulator.url + path, init);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type') ?? '').toMatch(type);
  });

  it('sends a chunk or a body of any size', async () => {
    simulator.next(
      'generate',
      faults.hugeChunk(2_000_000),
      faults.hugeBody(1_000_000),
      faults.gzipped({ bombBytes: 5_000_000 }),
    );
    expect(textOf(...(await eventsOf(await stream())).map(generatedIn))).toHaveLength(2_000_000);
    expect((await (await stream()).arrayBuffer()).byteLength).toBeGreaterThanOrEqual(1_000_000);
    expect((await (await stream()).arrayBuffer()).byteLength).toBe(5_000_000);
  });

  it('sends the gzip of the very bytes', async () => {
    simulator.next('generate', faults.gzipped());
    const { path, body } = code(PHRASE, { stream: true });
    const packed = await new Promise<Buffer>((resolve, reject) => {
      const headers = { authorization: `Bearer ${simulator.credentials.access_token}` };
      httpRequest(simulator.url + path, { method: 'POST', headers }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () => {
          resolve(Buffer.concat(pieces));
        });
      })
        .on('error', reject)
        .end(JSON.stringify(body));
    });
    expect(gunzipSync(packed).toString()).toBe(await (await stream()).text());
  });
});
