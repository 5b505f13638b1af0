/** Several doors as one: their stacks, which of them is asked, and how they are. */
import { combineStatus } from '../health.ts';
import type { Status } from '../health.ts';
import { createCooldown, WHOLE } from './cooldown/cooldown.ts';
import type { DoorKind } from './decision.ts';
import type { Door, DoorNeeds, UpstreamSettings } from './door.ts';
import { allClosed } from './doors/all-closed.ts';
import { createDoorControl } from './doors/control.ts';
import type { DoorControl } from './doors/control.ts';
import { createAccounts } from './doors/accounts.ts';
import { createFailover } from './doors/failover.ts';
import { createHouse } from './doors/house.ts';
import { hurried } from './doors/hurried-tokens.ts';
import { apiKeyOf, cloudKeyOf, createKeyDoors } from './doors/key-doors.ts';
import type { CloudDoors, KeyDoors } from './doors/key-doors.ts';
import { forgetWithLogin } from './doors/logins.ts';
import { isFurnished } from './doors/place.ts';
import type { Place } from './doors/place.ts';
import { sparedAt } from './doors/spared.ts';
import { probeDoors } from './doors/probes.ts';
import { createRetryBudget } from './retry-budget.ts';
import { onlyKey, openStack, SERVES } from './stacks.ts';
import type { Stack } from './stacks.ts';
import { keepReady } from './warm-up.ts';

interface SeveralDoors extends Stack {
  readonly control: DoorControl;
  readonly account: () => string;
  readonly identityOf: (door: string) => string | undefined;
  readonly doorOf: (identity: string) => string | undefined;
  readonly keyDoors: KeyDoors;
  readonly cloudDoors: CloudDoors;
  /** Their ids; of many the first few, and how many there are. */
  readonly names: () => string;
  readonly close: () => void;
}

const FEW = 5;
const KINDS_WITH_LOGIN = ['code-assist', 'vertex'] as const;

export const openSeveralDoors = (
  kinds: readonly DoorKind[],
  settings: UpstreamSettings,
  needs: DoorNeeds,
): SeveralDoors => {
  const { apiKeys, system, cooldown = createCooldown(system) } = needs;
  const now = (): number => system.now();
  const several = {
    retries: createRetryBudget(system),
    anyKey: () => {
      let any: Place | undefined;
      for (const place of house.places()) {
        if (!place.key || cooldown.isOff(place.id)) continue;
        if (cooldown.isOpen(place.id, WHOLE)) return place.key;
        any ??= place;
      }
      return any?.key;
    },
  };
  const stackNeeds = {
    ...needs,
    several,
    ...(kinds.length > 1 && { tokens: hurried(needs.tokens, system), cloudTokens: hurried(needs.cloudTokens, system) }),
  };
  const opened = new Map<DoorKind, Stack>();
  const open = (kind: DoorKind): Stack => {
    const known = opened.get(kind);
    if (known) return known;
    const stack = openStack(kind, settings, stackNeeds);
    opened.set(kind, stack);
    return stack;
  };
  const house = createHouse({ kinds, open, account: createAccounts(settings, needs), cooldown, now });
  const control = createDoorControl({
    places: () => house.places(),
    find: (id) => house.find(id),
    cooldown,
    system,
  });
  let stopProbing: (() => void) | undefined;
  const takeKeys = (): void => {
    house.setKeys(apiKeys?.keys ?? []);
  };
  takeKeys();
  const stops = [
    apiKeys?.onChange(takeKeys),
    forgetWithLogin(
      KINDS_WITH_LOGIN.filter((kind) => kinds.includes(kind)),
      needs,
      cooldown,
    ),
  ];

  const isOpen = (place: Place): boolean => isFurnished(place) && cooldown.isOpen(place.id, WHOLE);

  const status = (): Status => {
    const details = (): NonNullable<Status['details']> =>
      combineStatus(kinds.map((kind) => open(kind).status)).details ?? {};
    let first: Status | undefined;
    let isMixed = false;
    for (const place of house.places()) {
      const own = place.status();
      if (isOpen(place) && own.status === 'healthy') return { ...own, details: details() };
      if (isFurnished(place) && !cooldown.isOpen(place.id, WHOLE)) isMixed = true;
      else if (first && first.status !== own.status) isMixed = true;
      first ??= own;
    }
    if (first && !isMixed) return { ...first, details: details() };
    const closed = Array.from(house.places(), (place) => sparedAt(place, WHOLE, cooldown, now()));
    const { problem: message, fix } = allClosed(undefined, closed, now());
    return { status: 'doors_closed', message, fix, details: details() };
  };

  const doorsOf = (kind: DoorKind) => ({
    places: () => house.places(),
    find: (id: string) => house.find(id),
    pick: (conversation: number, skips: (place: Place) => boolean) => house.pick(WHOLE, conversation, [kind], skips),
    cooldown,
    now,
    log: needs.log,
  });

  return {
    upstream: createFailover({
      house,
      cooldown,
      catalogue: needs.catalogue,
      now,
      failedOver: needs.told?.failedOver,
      log: needs.log,
    }),
    status,
    prepare: async (signal) => {
      stopProbing ??= probeDoors({ cooldown, check: (id, limit) => control.check(id, limit), system, log: needs.log });
      const prepared = await Promise.allSettled(kinds.map(async (kind) => open(kind).prepare?.(signal)));
      const failure = prepared.find((one) => one.status === 'rejected');
      if (failure) throw failure.reason;
    },
    quota: async (signal) => (kinds.includes('code-assist') ? ((await open('code-assist').quota?.(signal)) ?? []) : []),
    control,
    account: () => Array.from(house.places())[0]?.account ?? '',
    names: () => {
      const ids = Array.from(house.places(), ({ id }) => id);
      const shown = ids.slice(0, FEW).join(', ');
      return ids.length > FEW ? `${shown} and ${ids.length - FEW} more` : shown;
    },
    identityOf: (door) => house.find(door)?.account,
    doorOf: (identity) => house.withAccount(identity)?.id,
    keyDoors: createKeyDoors({ ...doorsOf('gemini-api'), keyOf: apiKeyOf(onlyKey(settings)) }),
    cloudDoors: createKeyDoors({ ...doorsOf('vertex'), keyOf: cloudKeyOf }),
    close: () => {
      for (const stop of [...stops, stopProbing]) stop?.();
    },
  };
};

/** For those who do not ask how many there are. */
export const asOneDoor = (kinds: readonly DoorKind[], settings: UpstreamSettings, needs: DoorNeeds): Door => {
  const several = openSeveralDoors(kinds, settings, needs);
  const { ready, close } = keepReady(async (signal) => several.prepare?.(signal), needs);
  const name = kinds.join(',');
  const why = (): string => `UPSTREAM is set to ${name}. The doors: ${several.names()}.`;
  return {
    name,
    get why() {
      return why();
    },
    others: {},
    get account() {
      return several.account();
    },
    upstream: several.upstream,
    serves: (model) => kinds.some((kind) => SERVES[kind](model)),
    control: several.control,
    identityOf: several.identityOf,
    doorOf: several.doorOf,
    keyDoors: several.keyDoors,
    cloudDoors: several.cloudDoors,
    status: () => {
      const found = several.status();
      return { ...found, details: { ...found.details, upstream: name, why: why() } };
    },
    quota: async (signal) => (await several.quota?.(signal)) ?? [],
    ready,
    close: () => {
      several.close();
      close();
      return Promise.resolve();
    },
  };
};
