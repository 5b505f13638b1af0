/** What Google keeps for clients, and sessions of the Live API: both go to a door, past the questions to models. */
import type { Config } from '../config.ts';
import type { Keeper } from '../gemini/kept.ts';
import type { Live } from '../gemini/live.ts';
import type { Resources } from '../gemini/resources.ts';
import type { LimitNeeds } from '../keys/asking.ts';
import { createKeptLimits, createLateSpending, createSpending } from '../keys/kept-limits.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { System } from '../system.ts';
import type { BearerTokens } from '../upstreams/authorized.ts';
import { createPass } from '../upstreams/gemini-api/passed-through.ts';
import type { Door } from '../upstreams/index.ts';
import { geminiApiLive } from '../upstreams/live/gemini-api.ts';
import { createLive } from '../upstreams/live/live.ts';
import { vertexLive } from '../upstreams/live/vertex.ts';
import { createKeeper } from '../upstreams/resources/keeper.ts';
import { createResources } from '../upstreams/resources/resources.ts';
import { wayOf } from '../upstreams/resources/ways.ts';
import type { Transport } from '../upstreams/transport.ts';
import { createVertexPass } from '../upstreams/vertex/passed-through.ts';

export interface KeptNeeds {
  readonly store: Store;
  readonly door: Door;
  readonly limits: LimitNeeds;
  readonly transport: Transport;
  readonly cloudTokens: BearerTokens;
  readonly system: System;
  readonly log: Logger;
}

export interface Kept {
  readonly resources: Resources;
  readonly keeper: Keeper;
  readonly live: Live;
}

export const openKept = (
  config: Config,
  { store, door, limits, transport, cloudTokens, system, log }: KeptNeeds,
): Kept => {
  const resources = createResources({
    store,
    identityOf: (id) => door.identityOf(id),
    doorOf: (identity) => door.doorOf(identity),
    system,
    log,
  });
  const vertexPlace = {
    project: config.credentials.project ?? '',
    location: config.upstream.location,
    endpoint: config.upstream.vertexEndpoint,
  };
  const admit = createKeptLimits(limits);
  const keeper = createKeeper({
    resources,
    ways: [
      wayOf(
        'gemini-api',
        () => door.keyDoors,
        createPass({ endpoint: config.upstream.geminiApiEndpoint, transport, system }),
      ),
      wayOf('vertex', () => door.cloudDoors, createVertexPass(vertexPlace, { transport, tokens: cloudTokens, system })),
    ],
    admit,
    spent: createLateSpending(limits),
    system,
  });
  const live = createLive({
    resources,
    kinds: [
      geminiApiLive(() => door.keyDoors, { endpoint: config.upstream.geminiApiEndpoint, transport, system }),
      vertexLive(() => door.cloudDoors, vertexPlace, { transport, tokens: cloudTokens, system }),
    ],
    admit,
    spent: createSpending(limits),
    system,
  });
  return { resources, keeper, live };
};
