import { NO_KEEPER, NO_LIVE } from '../../support/no-keeper.ts';
import { createApp } from '../../../src/app.ts';
import { formats } from '../../../src/formats/index.ts';
import type { Call, EmbedCall, EmbedResponse, ModelInfo, Upstream } from '../../../src/gemini/call.ts';
import type { CountTokensResponse } from '../../../src/gemini/types.ts';
import { createSchemaNormalizer } from '../../../src/gemini/json-schema.ts';
import { createCatalogue } from '../../../src/gemini/catalogue.ts';
import { createSignatureCache, SIGNATURE_LIMITS } from '../../../src/gemini/signatures.ts';
import { openServer } from '../../../src/http/server.ts';
import { withOwnSignatures } from '../../../src/upstreams/own-signatures.ts';
import type { RemoteImages } from '../../../src/images/remote-images.ts';
import { createLogger } from '../../../src/log.ts';
import { createRedactor } from '../../../src/redactor.ts';
import { createSystem } from '../../../src/system.ts';
import { candidate, toChunk } from '../../support/gemini-chunk.ts';

/** What the upstream does: chunks in batches of one; an Error among them ends the answer there. */
export type Answer = readonly unknown[];

export interface Script {
  /** One for each call in turn, the last one again and again. */
  readonly answers?: readonly Answer[];
  readonly embed?: (call: EmbedCall) => Promise<EmbedResponse>;
  readonly models?: () => Promise<readonly ModelInfo[]>;
  readonly countTokens?: () => Promise<CountTokensResponse>;
  readonly images?: RemoteImages;
  readonly account?: () => string;
  readonly keepResponsesMs?: number;
  /** In place of the made-up answers. */
  readonly generate?: Upstream['generate'];
}

export interface Served {
  readonly url: string;
  readonly calls: readonly Call[];
  readonly embeds: readonly EmbedCall[];
  readonly signals: readonly AbortSignal[];
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
  readonly close: () => Promise<void>;
}

export const KEY = 'the-key-of-these-tests-0123456789';

export const HI = candidate([{ text: 'Hi' }], { finishReason: 'STOP' });

/** The app with its real porch and both families, in front of a made-up upstream. */
export const serve = async (script: Script = {}): Promise<Served> => {
  const system = createSystem();
  const calls: Call[] = [];
  const embeds: EmbedCall[] = [];
  const signals: AbortSignal[] = [];
  const catalogue = createCatalogue([]);
  const signatures = createSignatureCache(SIGNATURE_LIMITS, system);
  const made: Upstream = {
    generate: (call, signal) => {
      if (script.generate) return script.generate(call, signal);
      const answers = script.answers ?? [[HI]];
      const answer = answers[Math.min(calls.length, answers.length - 1)] ?? [];
      calls.push(call);
      signals.push(signal);
      const [first] = answer;
      return first instanceof Error ? Promise.reject(first) : Promise.resolve(batches(answer));
    },
    countTokens: () => script.countTokens?.() ?? Promise.resolve({ totalTokens: 7 }),
    embed: (call) => {
      embeds.push(call);
      return script.embed
        ? script.embed(call)
        : Promise.resolve({ embeddings: call.requests.map((_, index) => ({ values: [index, 0.5] })) });
    },
    models: () => script.models?.() ?? Promise.resolve([]),
  };
  const door = withOwnSignatures({ catalogue, signatures, watches: false })(made);
  const upstream: Upstream = {
    ...door,
    generate: (call, signal) => {
      call.record.account = script.account?.() ?? 'someone';
      return door.generate(call, signal);
    },
  };
  const app = createApp({
    log: createLogger(
      { level: 'error', format: 'json' },
      { redactor: createRedactor([KEY]), system, write: () => undefined },
    ),
    formats,
    formatParts: {
      upstream,
      catalogue,
      normalizeSchema: createSchemaNormalizer(),
      signatures,
      images: script.images ?? { fetch: () => Promise.reject(new Error('no images here')) },
      system,
      heartbeatMs: 15_000,
      keeper: NO_KEEPER,
      live: NO_LIVE,
      storesInteractions: true,
      keepResponsesMs: script.keepResponsesMs ?? 3_600_000,
    },
    keys: [{ name: 'TEST_KEY', value: KEY }],
    cors: '*',
    trustProxyHops: 0,
    version: '1.2.3',
    upstreamName: () => 'code-assist',
    status: () => ({ status: 'healthy', message: 'Ready.', details: {} }),
    limits: {
      maxBodyBytes: 8_000_000,
      receiveTimeoutMs: 120_000,
      maxBodiesBytes: 16_000_000,
      maxWorkBytes: 500_000_000,
      maxUnreadBytes: 100_000_000,
      maxConcurrentRequests: 64,
      maxQueuedRequests: 64,
      queueTimeoutMs: 5000,
      requestTimeoutMs: 60_000,
      slowReaderMs: 60_000,
    },
  });
  const server = await openServer(app, { host: '127.0.0.1', port: 0 }, system);
  const url = `http://127.0.0.1:${server.port}`;
  const request: Served['fetch'] = (path, init = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${KEY}`);
    return fetch(url + path, { ...init, headers });
  };
  return {
    url,
    calls,
    embeds,
    signals,
    fetch: request,
    post: (path, body, headers = {}) =>
      request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    close: () => server.close(0),
  };
};

const batches = async function* (answer: Answer) {
  for (const piece of answer) {
    if (piece instanceof Error) throw piece;
    yield await Promise.resolve([toChunk(piece)]);
  }
};
