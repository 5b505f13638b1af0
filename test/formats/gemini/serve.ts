import { NO_KEEPER, NO_LIVE } from '../../support/no-keeper.ts';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import Koa from 'koa';
import { toRelayError } from '../../../src/errors.ts';
import { geminiFormat } from '../../../src/formats/gemini/gemini.ts';
import type { Call, Chunk, EmbedCall, ModelInfo, Upstream } from '../../../src/gemini/call.ts';
import { createSchemaNormalizer } from '../../../src/gemini/json-schema.ts';
import { createCatalogue } from '../../../src/gemini/catalogue.ts';
import { createSignatureCache, SIGNATURE_LIMITS } from '../../../src/gemini/signatures.ts';
import type { CountTokensResponse, GenerateContentResponse } from '../../../src/gemini/types.ts';
import { sharedDeadlines } from '../../../src/engine/deadlines.ts';
import { createJointWrites } from '../../../src/engine/joint-writes.ts';
import { createPassingBytes } from '../../../src/engine/passing-bytes.ts';
import { createAdmission } from '../../../src/http/admission.ts';
import { createMemoryBudget } from '../../../src/http/memory-budget.ts';
import type { ServerScope } from '../../../src/http/state.ts';
import { createWorkMemory } from '../../../src/http/work-memory.ts';
import { silentLogger } from '../../../src/log.ts';
import { createSystem } from '../../../src/system.ts';

/** What the upstream behind the format is to do in one test. */
export interface Script {
  /** JSON texts, one batch each; an Error among them ends the answer there. */
  answer?: readonly (string | Error)[];
  count?: CountTokensResponse;
  models?: readonly ModelInfo[] | Error;
}

export interface Served {
  readonly url: string;
  readonly calls: readonly Call[];
  readonly embeds: readonly EmbedCall[];
  close(): Promise<void>;
}

export const chunk = (json: string): Chunk => ({
  json,
  get value() {
    return JSON.parse(json) as GenerateContentResponse;
  },
});

/** The format alone, behind a real socket, with a made-up upstream. */
export const serve = async (script: Script = {}): Promise<Served> => {
  const system = createSystem();
  const calls: Call[] = [];
  const embeds: EmbedCall[] = [];
  const upstream: Upstream = {
    generate: (call) => {
      calls.push(call);
      const pieces = script.answer ?? ['{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}'];
      if (pieces[0] instanceof Error) return Promise.reject(pieces[0]);
      return Promise.resolve(batches(pieces));
    },
    countTokens: (call) => {
      calls.push(call);
      return Promise.resolve(script.count ?? { totalTokens: 7 });
    },
    embed: (call) => {
      embeds.push(call);
      return Promise.resolve({ embeddings: call.requests.map((_, index) => ({ values: [index, 0.5] })) });
    },
    models: () =>
      script.models instanceof Error ? Promise.reject(script.models) : Promise.resolve(script.models ?? []),
  };
  const router = new Router();
  await geminiFormat.mount(router, {
    upstream,
    catalogue: createCatalogue([]),
    normalizeSchema: createSchemaNormalizer(),
    signatures: createSignatureCache(SIGNATURE_LIMITS, system),
    images: { fetch: () => Promise.reject(new Error('no images here')) },
    system,
    heartbeatMs: 15_000,
    keeper: NO_KEEPER,
    live: NO_LIVE,
    storesInteractions: true,
    keepResponsesMs: 3_600_000,
  });
  const scope: ServerScope = {
    system,
    log: silentLogger,
    connections: { wait: () => undefined, goOn: () => undefined },
    admission: createAdmission({ maxConcurrentRequests: 16, maxQueuedRequests: 16, queueTimeoutMs: 1000 }, system),
    bodies: createMemoryBudget(
      () => 1_000_000,
      () => 0,
    ),
    waits: () => undefined,
    workMemory: createWorkMemory(1_000_000, () => 1000, system),
    deadlines: sharedDeadlines(system),
    asTypedHere: (text) => text,
    limits: { maxBodyBytes: 1_000_000 },
    trustProxyHops: 0,
    receiveTimeoutMs: 120_000,
    writes: createJointWrites(system),
    streams: { open: 0 },
    passing: createPassingBytes(),
    checkCaller: () => undefined,
  };
  const app = new Koa();
  app.use(async (ctx, next) => {
    const left = new AbortController();
    ctx.res.on('close', () => {
      left.abort();
    });
    Object.assign(ctx.state, {
      requestId: 'req_test',
      path: ctx.path,
      requestHeaders: ctx.req.headers,
      caller: { id: 'test', name: 'test' },
      signal: left.signal,
      headers: {},
      bodyBytes: 0,
      workBytes: 0,
      notes: {},
      record: { tokens: [] },
      server: scope,
    });
    try {
      await next();
    } catch (thrown) {
      const rendered = geminiFormat.renderError(toRelayError(thrown), 'req_test');
      ctx.status = rendered.status;
      ctx.set(rendered.headers);
      ctx.body = rendered.body;
    }
  });
  app.use(router.routes());
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    embeds,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};

async function* batches(pieces: readonly (string | Error)[]): AsyncGenerator<readonly Chunk[]> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    // A turn of the event loop between batches, as between network reads.
    yield await new Promise<readonly Chunk[]>((resolve) => setImmediate(resolve, [chunk(piece)]));
  }
}
