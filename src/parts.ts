import { dirname, join } from 'node:path';
import type { ClientCallers } from './callers/caller.ts';
import type { Config } from './config.ts';
import type { LoginTokens } from './credentials/access-token.ts';
import type { RemoteLogin } from './credentials/remote-login.ts';
import type { FormatParts } from './formats/format.ts';
import { ANSWER_SCRIPTS } from './formats/openai/responses/answer-scripts.ts';
import { DEFAULT_ALIASES, withAliases } from './gemini/aliases.ts';
import { createSchemaNormalizer } from './gemini/json-schema.ts';
import { createCatalogue } from './gemini/catalogue.ts';
import type { Model } from './gemini/catalogue.ts';
import { latestCatalogue } from './gemini/latest-catalogue.ts';
import type { Resources } from './gemini/resources.ts';
import { shareSignatures } from './gemini/shared-signatures.ts';
import { createSignatureCache, SIGNATURE_LIMITS } from './gemini/signatures.ts';
import type { Counters } from './keys/counters.ts';
import { createClientKeys } from './keys/client-keys.ts';
import { createLimitHeaders } from './keys/headers.ts';
import type { TellLimits } from './keys/headers.ts';
import { LIMIT_SCRIPTS } from './keys/limit-scripts.ts';
import { withCallerLimits } from './keys/layer.ts';
import { createReserveAhead } from './keys/ahead.ts';
import type { LimitNeeds } from './keys/asking.ts';
import { createUsageRoute } from './keys/usage-route.ts';
import { createReach } from './images/reach.ts';
import { createRemoteImages } from './images/remote-images.ts';
import { createMetrics } from './metrics/metrics.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Tracing } from './metrics/tracing.ts';
import type { Logger } from './log.ts';
import { besides, derived } from './settings/live.ts';
import { closeInTurn } from './parts/closing.ts';
import { openGround } from './parts/ground.ts';
import type { Ground, PartsNeeds } from './parts/ground.ts';
import { openKept } from './parts/kept.ts';
import { openLogin } from './parts/login.ts';
import { openShared } from './state/open.ts';
import type { RedisState } from './state/redis.ts';
import type { StateHealth } from './state/state.ts';
import type { Store } from './store/store.ts';
import { withUsage } from './usage/layer.ts';
import { createKeySums } from './usage/key-sums.ts';
import { createLedger } from './usage/ledger.ts';
import type { Ledger } from './usage/ledger.ts';
import { createCooldown } from './upstreams/cooldown/cooldown.ts';
import { keepStates } from './upstreams/cooldown/keeping.ts';
import { shareStates } from './upstreams/cooldown/sharing.ts';
import { createStateFile } from './upstreams/cooldown/state-file.ts';
import { createStateTable } from './upstreams/cooldown/state-table.ts';
import { openKeyList } from './upstreams/doors/key-list.ts';
import { withBoundResources } from './upstreams/resources/bound.ts';
import { withFallbacks } from './upstreams/fallbacks.ts';
import { costOf, pricesOf } from './usage/prices.ts';
import { kindsServing, openDoor } from './upstreams/index.ts';
import type { Door } from './upstreams/index.ts';
import { createTransport } from './upstreams/transport.ts';
import type { Transport } from './upstreams/transport.ts';
import { readVersion, userAgentOf } from './version.ts';

/** Everything that serves, put together. Knows no Koa. */
export interface Parts {
  readonly log: Logger;
  readonly version: string;
  readonly door: Door;
  /** What Google keeps, and for whom. */
  readonly resources: Resources;
  readonly formatParts: FormatParts;
  /** The database of the relay. */
  readonly store: Store;
  readonly ledger: Ledger;
  /** How what replicas share is; null where they share nothing. */
  readonly redis: () => StateHealth | null;
  readonly state: RedisState | undefined;
  readonly meter: Metrics;
  /** Where traces are sent anywhere. */
  readonly tracing: Tracing | undefined;
  readonly tokens: LoginTokens;
  readonly transport: Pick<Transport, 'connections'>;
  readonly clients: Clients;
  /** Of the owner's Google account, without a terminal. */
  readonly login: RemoteLogin;
  /** Names that are served by a model of another name; `*` in them stands for anything. */
  readonly aliases: () => readonly string[];
  /** The kinds of doors that have a model, as far as is known. */
  readonly doorsOf: (model: Model) => readonly string[];
  close(): Promise<void>;
}

/** The keys that the owner made for others, as the porch needs them. */
export interface Clients {
  readonly callers: ClientCallers;
  readonly counters: Counters;
  /** Resolves when what was changed before is in force here. */
  readonly refresh: () => Promise<void>;
  readonly tellLimits: TellLimits;
  readonly usage: ReturnType<typeof createUsageRoute>;
}

/** The fields of the configuration may change: what reads them where it uses them goes along. */
export const createParts = async (
  config: Config,
  needs: PartsNeeds,
  { log, store: database }: Ground = openGround(config, needs),
): Promise<Parts> => {
  const { system, redactor } = needs;
  const version = readVersion();

  const userAgent = userAgentOf(config.upstream.userAgent, version);
  const tracing = config.tracing && (await loadTracing()).openTracing(config.tracing, { version, system, log });
  const transport = createTransport(
    besides(config.network, { userAgent, maxArrivingBytes: needs.maxArrivingBytes }),
    system,
    tracing?.headers,
  );

  const shared = await openShared(config.redis, { system, log, scripts: [...LIMIT_SCRIPTS, ...ANSWER_SCRIPTS] });
  const ledger = createLedger({ store: database, system, log, keepDays: () => config.requestLogDays });

  const clientKeys = createClientKeys({ store: database, state: shared, system, log });
  const { counters } = clientKeys;

  const { store, tokens, cloudTokens, atHand, remote } = await openLogin(config, {
    network: { dispatcher: transport.dispatcher },
    ...{ shared, redactor, system, log },
  });

  const catalogue = latestCatalogue(derived(config, 'moreModels', createCatalogue));
  const serves = (model: Model): boolean => door.serves(model);
  /** As clients see it. */
  const ownCatalogue = latestCatalogue(
    derived(config, 'modelAliases', (rules) => withAliases(catalogue, rules ?? DEFAULT_ALIASES, serves)),
  );
  const meter = createMetrics(ownCatalogue);
  const ownSignatures = createSignatureCache(SIGNATURE_LIMITS, system);
  const sharedSignatures = shared && shareSignatures(ownSignatures, shared);
  const signatures = sharedSignatures?.cache ?? ownSignatures;
  const apiKeys = await openKeyList(config.upstream, {
    system,
    log,
    hide: (secrets) => {
      redactor.addPassing(...secrets);
    },
  });
  const cooldown = createCooldown(system);
  const door = openDoor(besides(config.upstream, { project: config.credentials.project }), {
    apiKeys,
    cooldown,
    transport,
    tokens,
    cloudTokens,
    atHand,
    catalogue,
    signatures,
    told: meter,
    tries: tracing?.tries,
    system,
    log,
  });
  const keeping = keepStates({
    cooldown,
    place:
      config.database.kind === 'none'
        ? createStateFile(join(dirname(config.credentials.file), '.relay-doors.json'), system)
        : createStateTable(database),
    identityOf: (id) => door.identityOf(id),
    system,
    log,
  });
  await keeping.restored();
  const stopSharing =
    shared && shareStates({ cooldown, state: shared, identityOf: (id) => sharedIdentityOf(door, id) });
  const withFallback = withFallbacks({ fallbacks: () => config.upstream.fallbacks, catalogue, log });
  const limits: LimitNeeds = {
    counters,
    catalogue,
    system,
    costOf: (model, time, used) => costOf(pricesOf(model), time, used),
  };
  const withLimits = withCallerLimits(limits);
  const { resources, keeper, live } = openKept(config, {
    store: database,
    door,
    limits,
    transport,
    cloudTokens,
    system,
    log,
  });
  const images = createRemoteImages({
    get enabled() {
      return config.fetchRemoteImages;
    },
    system,
    reach: createReach(config.network),
  });

  return {
    log,
    version,
    door,
    resources,
    store: database,
    ledger,
    state: shared,
    redis: () => shared?.health() ?? null,
    meter,
    tracing,
    tokens,
    transport,
    login: remote,
    aliases: () => (config.modelAliases ?? DEFAULT_ALIASES).map(({ asked }) => asked),
    doorsOf: (model) => kindsServing(door.name, model),
    clients: {
      callers: clientKeys.callers,
      counters,
      refresh: () => clientKeys.refresh(),
      tellLimits: createLimitHeaders(counters, system),
      usage: createUsageRoute({
        counters,
        keyOf: (id) => clientKeys.keyOf(id),
        sumsOf: createKeySums({ store: database, ledger, system, keepDays: () => config.requestLogDays }),
        system,
      }),
    },
    formatParts: {
      upstream: withUsage(
        withLimits(withBoundResources(resources, (kinds) => keeper.isOpen(kinds))(withFallback(door.upstream))),
      ),
      catalogue: ownCatalogue,
      normalizeSchema: createSchemaNormalizer(),
      signatures,
      shared: shared &&
        sharedSignatures && { state: shared, signatures: sharedSignatures, reserve: createReserveAhead(limits) },
      images,
      keeper,
      live,
      get storesInteractions() {
        return config.storesInteractions;
      },
      system,
      get heartbeatMs() {
        return config.limits.heartbeatMs;
      },
      get keepResponsesMs() {
        return config.limits.keepResponsesMs;
      },
    },
    close: async () => {
      await remote.close();
      stopSharing?.();
      const rooms = [keeping, door, apiKeys, tokens, cloudTokens, store, transport, ledger, clientKeys, shared];
      await closeInTurn([...rooms, database, tracing], log);
    },
  };
};

/** A megabyte of OpenTelemetry, for who asks for it. */
const loadTracing = () => import('./metrics/exporting.ts');

/** Keys are told apart by themselves; relays on one Redis have one login, whatever each calls the place where it is. */
const sharedIdentityOf = (door: Pick<Door, 'identityOf'>, id: string): string | undefined => {
  const identity = door.identityOf(id);
  return identity === undefined || id.startsWith('gemini-api') ? identity : 'login';
};
