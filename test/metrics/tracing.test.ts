import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failing } from '../../src/simulator/faults.ts';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { startCollector } from './collector.ts';
import type { CollectedSpan, Collector } from './collector.ts';
import { done } from './scrape.ts';
import { quietNow } from '../support/machine.ts';
import { eventually } from '../support/eventually.ts';

const CANARY = 'canary-of-the-prompt';
const messages = [{ role: 'user', content: CANARY }];
const chat = { model: 'gemini-2.5-flash', messages };
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const SERVER = 2;
const CLIENT = 3;

const lineOf = ({ logs }: TestRelay, requestId: string): Record<string, unknown> | undefined =>
  logs
    .flatMap((lines) => lines.split('\n'))
    .filter((line) => line.includes(`"requestId":"${requestId}"`) && line.includes('"message":"request"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)[0];

describe('with a collector', () => {
  let collector: Collector;
  let relay: TestRelay;
  beforeAll(async () => {
    collector = await startCollector();
    relay = await startRelay({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a%20b',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      },
    });
  });
  afterAll(async () => {
    await relay.close();
    await collector.close();
  });
  afterEach(() => {
    collector.spans.length = 0;
  });

  const spansOf = (requestId: string): Promise<readonly CollectedSpan[]> =>
    eventually(() => {
      const own = collector.spans.find(({ attributes }) => attributes['relay.request_id'] === requestId);
      if (!own) throw new Error(`no span of ${requestId}`);
      return [own, ...collector.spans.filter((span) => span.traceId === own.traceId && span !== own)];
    }, 50);

  test('one for the request, one for each try at Google, in the trace of the caller', async () => {
    relay.simulator.next('streamGenerateContent', failing({ code: 503, message: 'Overloaded.' }));
    const from = relay.simulator.requests.length;
    const headers = {
      'x-request-id': 'traced-1',
      traceparent: `00-${TRACE}-${PARENT}-01`,
      tracestate: 'vendor=abc,other=1',
    };
    expect(await done(relay.post('/v1/chat/completions', { ...chat, stream: true }, { headers }))).toBe(200);
    const [request, ...tries] = await spansOf('traced-1');
    expect(request).toMatchObject({
      name: 'POST /v1/chat/completions',
      kind: SERVER,
      traceId: TRACE,
      parentSpanId: PARENT,
      traceState: 'vendor=abc,other=1',
      status: 0,
      attributes: {
        'http.route': '/v1/chat/completions',
        'http.response.status_code': 200,
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'gcp.gen_ai',
        'gen_ai.request.model': 'gemini-2.5-flash',
        'relay.door': 'code-assist',
        'relay.format': 'openai',
        'relay.retries': 1,
      },
    });
    expect(request?.attributes['gen_ai.usage.output_tokens']).toBeGreaterThan(0);
    expect(tries).toHaveLength(2);
    for (const one of tries) {
      expect(one).toMatchObject({ name: 'chat gemini-2.5-flash', kind: CLIENT, parentSpanId: request?.spanId });
    }
    expect(tries.map(({ status }) => status).toSorted()).toEqual([0, 2]);
    expect(tries.find(({ status }) => status === 2)?.attributes['error.type']).toBeTypeOf('string');

    const sent = relay.simulator.requests
      .slice(from)
      .filter(({ path }) => path.includes('streamGenerateContent'))
      .map((ask) => ask.headers);
    expect(sent.map(({ traceparent }) => traceparent).toSorted()).toEqual(
      tries.map(({ spanId }) => `00-${TRACE}-${spanId}-01`).toSorted(),
    );
    expect(sent.map(({ tracestate }) => tracestate)).toEqual(['vendor=abc,other=1', 'vendor=abc,other=1']);
    expect(lineOf(relay, 'traced-1')).toMatchObject({ traceId: TRACE });
  });

  test('a traceparent that is none, or cannot be read, begins a trace here', async () => {
    const written = [
      undefined,
      'hello',
      `00-${'0'.repeat(32)}-${PARENT}-01`,
      `ff-${TRACE}-${PARENT}-01`,
      `00-${TRACE}-${PARENT}-01-x`,
    ];
    const idOf = (at: number): string => `untraced-${at}`;
    for (const [at, traceparent] of written.entries()) {
      const headers = { 'x-request-id': idOf(at), ...(traceparent !== undefined && { traceparent }) };
      await done(relay.post('/v1/chat/completions', chat, { headers }));
    }
    const traceIds = await Promise.all(
      written.map(async (_traceparent, at) => {
        const [request] = await spansOf(idOf(at));
        expect(request?.parentSpanId ?? '').toBe('');
        expect(lineOf(relay, idOf(at))).toMatchObject({ traceId: request?.traceId });
        return request?.traceId;
      }),
    );
    expect(new Set(traceIds).size).toBe(written.length);
    for (const traceId of traceIds) expect(traceId).toMatch(/^(?!0af7651916cd43dd)[\da-f]{32}$/);
  });

  test('who calls and does not sample is obeyed, and Google is told so', async () => {
    const from = relay.simulator.requests.length;
    const traceparent = `00-${TRACE}-${PARENT}-00`;
    await done(relay.post('/v1/chat/completions', chat, { headers: { 'x-request-id': 'unsampled', traceparent } }));
    await done(relay.post('/v1/chat/completions', chat, { headers: { 'x-request-id': 'sampled' } }));
    await spansOf('sampled');
    expect(collector.spans.filter(({ traceId }) => traceId === TRACE)).toEqual([]);
    const [sent] = relay.simulator.requests.slice(from).filter(({ path }) => path.includes('generateContent'));
    expect(sent?.headers['traceparent']).toMatch(new RegExp(`^00-${TRACE}-[\\da-f]{16}-00$`));
  });

  test('a fault of the client has its word and is no error; health makes no span', async () => {
    await done(relay.fetch('/health', { headers: { 'x-request-id': 'health' } }));
    await done(relay.post('/v1/chat/completions', { messages }, { headers: { 'x-request-id': 'wrong' } }));
    const [request] = await spansOf('wrong');
    expect(request?.status).toBe(0);
    expect(request?.attributes).toMatchObject({ 'http.response.status_code': 400 });
    expect(request?.attributes['error.type']).toBeTypeOf('string');
    expect(collector.spans.some(({ attributes }) => attributes['relay.request_id'] === 'health')).toBe(false);
  });

  test('names the service, sends the headers, and tells nothing that was said, and no key', () => {
    expect(collector.resources[0]).toMatchObject({
      'service.name': 'gemini-cli-relay',
      'deployment.environment.name': 'test',
    });
    expect(collector.headers[0]).toMatchObject({ 'x-tenant': 'a b' });
    expect(collector.texts.length).toBeGreaterThan(0);
    for (const text of collector.texts) {
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain(RELAY_KEY);
    }
  });
});

test('without the variable no header goes out and no library is loaded', async () => {
  const relay = await startRelay();
  await done(relay.post('/v1/chat/completions', chat, { headers: { traceparent: `00-${TRACE}-${PARENT}-01` } }));
  expect(relay.relay.parts.tracing).toBeUndefined();
  const asks = relay.simulator.requests.filter(({ path }) => path.includes('generateContent'));
  expect(asks).toHaveLength(1);
  expect(asks[0]?.headers).not.toHaveProperty('traceparent');
  await relay.close();
});

test('an address for traces alone is asked as it is, whatever the other one is', async () => {
  const collector = await startCollector();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
  };
  const relay = await startRelay({ env });
  await done(relay.post('/v1/chat/completions', chat));
  await relay.close();
  expect(collector.spans).toHaveLength(2);
  await collector.close();
});

test.each([{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])(
  '%j: none, at any address',
  async (env) => {
    const addresses = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces',
    };
    const relay = await startRelay({ env: { ...addresses, ...env } });
    expect(relay.relay.parts.tracing).toBeUndefined();
    await relay.close();
  },
);

test('what is not sent yet is sent at the end', async () => {
  const collector = await startCollector();
  const relay = await startRelay({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  await done(relay.post('/v1/chat/completions', chat));
  await relay.close();
  expect(collector.spans.map(({ kind }) => kind).toSorted()).toEqual([SERVER, CLIENT]);
  await collector.close();
});

describe('a collector that is', () => {
  test.concurrent.each([
    ['away', undefined],
    ['broken', (res: ServerResponse) => res.writeHead(500).end('no')],
    ['silent', () => undefined],
  ])('%s fails no request and holds up no end', async (kind, answer) => {
    const collector = await startCollector((res) => void answer?.(res));
    if (kind === 'away') await collector.close();
    const relay = await startRelay({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
    for (let count = 0; count < 20; count += 1) {
      expect(await done(relay.post('/v1/chat/completions', chat))).toBe(200);
    }
    const from = quietNow();
    await relay.close();
    expect(quietNow() - from).toBeLessThan(4000);
    if (kind === 'broken') expect(relay.logs.join('')).toContain('traces cannot be sent');
    if (kind !== 'away') await collector.close();
  });
});
