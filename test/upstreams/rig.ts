/** A door with everything behind it real but Google, which the simulator plays. */
import type { AccessTokens } from '../../src/credentials/access-token.ts';
import type { Answer, Call, Chunk, Upstream } from '../../src/gemini/call.ts';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import type { SignatureCache } from '../../src/gemini/signatures.ts';
import { SIGNATURE_LIMITS, createSignatureCache } from '../../src/gemini/signatures.ts';
import type { GenerateContentRequest } from '../../src/gemini/types.ts';
import type { System } from '../../src/system.ts';
import { createSystem } from '../../src/system.ts';
import { openDoor } from '../../src/upstreams/index.ts';
import type { Door, DoorNeeds, UpstreamSettings } from '../../src/upstreams/index.ts';
import { createTransport } from '../../src/upstreams/transport.ts';
import type { Transport, TransportSettings } from '../../src/upstreams/transport.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import type { MemoryLog } from '../support/memory-log.ts';

export const testTransport = (settings: Partial<TransportSettings> = {}): Transport =>
  createTransport(
    {
      httpsProxy: undefined,
      httpProxy: undefined,
      noProxy: undefined,
      userAgent: 'gemini-cli-relay/test',
      connectTimeoutMs: 2000,
      firstByteTimeoutMs: 10_000,
      idleTimeoutMs: 10_000,
      ...settings,
    },
    createSystem(),
  );

export interface TestTokens extends AccessTokens {
  readonly discarded: string[];
  /** What `get` brings next. */
  token: string;
  changed(identity: string): void;
}

/** Tokens without a store: discarding brings the next one. */
export const createTestTokens = (token: string, next?: () => string): TestTokens => {
  const listeners = new Set<() => void>();
  let who = 'someone';
  const tokens: TestTokens = {
    token,
    discarded: [],
    known: () => ({ token: tokens.token, identity: who, quotaProjectId: undefined }),
    get: () => Promise.reject(new Error('a token at hand was not taken')),
    discard: (refused) => {
      tokens.discarded.push(refused);
      if (tokens.token === refused && next) tokens.token = next();
    },
    state: () => ({ status: 'healthy', message: '', detail: { source: 'file', persisted: true, revoked: false } }),
    identity: () => who,
    projectId: () => undefined,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => Promise.resolve(),
    changed: (identity) => {
      who = identity;
      for (const listener of listeners) listener();
    },
  };
  return tokens;
};

/** Waits take no time, and are remembered. */
export const createHastySystem = (random = 0.5): System & { readonly waits: number[] } => {
  const waits: number[] = [];
  return {
    ...createSystem(),
    random: () => random,
    waits,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      // Limits of two minutes are no waits.
      if (ms >= 10_000) return new Promise(() => undefined);
      waits.push(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
};

export interface Rig {
  readonly door: Door;
  readonly upstream: Upstream;
  readonly tokens: TestTokens;
  readonly transport: Transport;
  readonly log: MemoryLog;
  readonly signatures: SignatureCache;
  readonly waits: readonly number[];
  close(): Promise<void>;
}

export interface RigOptions {
  readonly settings?: Partial<UpstreamSettings>;
  readonly transport?: Partial<TransportSettings>;
  readonly needs?: Partial<DoorNeeds>;
}

export const createRig = (simulator: Simulator, options: RigOptions = {}): Rig => {
  const transport = testTransport(options.transport);
  const tokens = createTestTokens(simulator.credentials.access_token, () => simulator.issue().access_token);
  const log = createMemoryLog();
  const system = createHastySystem();
  const signatures = createSignatureCache(SIGNATURE_LIMITS, system);
  const door = openDoor(
    {
      kind: 'code-assist',
      project: undefined,
      codeAssistEndpoint: simulator.url,
      geminiApiKey: simulator.apiKey,
      geminiApiEndpoint: simulator.url,
      location: 'global',
      vertexEndpoint: simulator.url,
      maxRetries: 2,
      ...options.settings,
    },
    {
      transport,
      tokens,
      cloudTokens: tokens,
      atHand: { credentials: 'oauth', hasAdc: false },
      catalogue: createCatalogue([]),
      signatures,
      system,
      log,
      ...options.needs,
    },
  );
  return {
    door,
    upstream: door.upstream,
    tokens,
    transport,
    log,
    signatures,
    waits: system.waits,
    close: async () => {
      await door.close();
      await transport.close();
    },
  };
};

export const callFor = (
  request: GenerateContentRequest | string = 'Say hello.',
  { model = 'gemini-2.5-flash', stream = true, native = false }: Partial<Call> = {},
): Call => ({
  model,
  stream,
  native,
  request: typeof request === 'string' ? { contents: [{ role: 'user', parts: [{ text: request }] }] } : request,
  origin: { requestId: 'req_test', caller: { id: 'test', name: 'test' }, format: 'test' },
  record: { tokens: [] },
});

export const live = (): AbortSignal => new AbortController().signal;

export const collect = async (answer: Promise<Answer>): Promise<readonly Chunk[]> => {
  const chunks: Chunk[] = [];
  for await (const batch of await answer) chunks.push(...batch);
  return chunks;
};

export const textOf = (chunks: readonly Chunk[]): string =>
  chunks
    .flatMap(({ value }) => value.candidates ?? [])
    .flatMap(({ content }) => content?.parts ?? [])
    .map(({ text, thought }) => (thought === true ? '' : (text ?? '')))
    .join('');
