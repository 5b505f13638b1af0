/** One door: the one that the rule of UPSTREAM names, decided anew when credentials change. */
import { doorNotAllowed, mayEnter } from '../callers/doors.ts';
import type { Call, EmbedCall, Upstream } from '../gemini/call.ts';
import { rowOf } from '../gemini/call-row.ts';
import type { Status } from '../health.ts';
import { troubleOf } from './causes.ts';
import { createCooldown } from './cooldown/cooldown.ts';
import { decideDoor, otherDoors } from './decision.ts';
import type { AtHand, DoorKind, DoorName, Situation } from './decision.ts';
import type { Door, DoorNeeds, UpstreamSettings } from './door.ts';
import { allClosed, goneDoor } from './doors/all-closed.ts';
import { createAccounts } from './doors/accounts.ts';
import { createDoorControl } from './doors/control.ts';
import type { DoorControl } from './doors/control.ts';
import { apiKeyOf, cloudKeyOf, createKeyDoors } from './doors/key-doors.ts';
import { forgetWithLogin } from './doors/logins.ts';
import type { Place } from './doors/place.ts';
import { onlyKey, SERVES } from './stacks.ts';
import type { Stack } from './stacks.ts';
import { keepReady } from './warm-up.ts';

export const openOneDoor = (settings: UpstreamSettings, needs: DoorNeeds, open: (name: DoorName) => Stack): Door => {
  const opened = new Map<DoorName, Opened>();
  const { system, atHand, cooldown = createCooldown(system) } = needs;

  const situation = (): Situation => situationOf(settings, needs);

  const openFirst = (name: DoorName): Opened => {
    const stack = open(name);
    // Who stands for several doors says which of them it is.
    const place = name === 'none' || stack.control ? undefined : new SinglePlace(name, stack, () => accountOf(name));
    const first = { stack, place };
    opened.set(name, first);
    return first;
  };
  const decide = ({ credentials, hasAdc }: AtHand) => {
    const decision = decideDoor(situation());
    return { ...decision, ...(opened.get(decision.name) ?? openFirst(decision.name)), credentials, hasAdc };
  };
  let latest: ReturnType<typeof decide> | undefined;
  /** Asked for several times by each request; decided anew when credentials change. */
  const current = () => {
    if (latest?.credentials !== atHand.credentials || latest.hasAdc !== atHand.hasAdc) latest = decide(atHand);
    return latest;
  };

  const accountOf = createAccounts(settings, needs);

  const opensFor = ({ record, origin: { caller }, boundTo }: Asked): Opened => {
    const found = current();
    const { place } = found;
    if (!place) return found;
    if (!mayEnter(caller, place.id)) throw doorNotAllowed(caller);
    if (boundTo !== undefined && boundTo !== place.id) throw goneDoor(boundTo);
    if (cooldown.isOff(place.id)) throw allClosed(undefined, [SWITCHED_OFF], system.now());
    record.door = place.id;
    record.account = place.account;
    return found;
  };

  /** What comes of a call is only told of the door: that it failed does not close the only one there is. */
  const noted = async <Result>(
    asked: Call | EmbedCall,
    ask: (upstream: Upstream) => Promise<Result>,
  ): Promise<Result> => {
    const { stack, place } = opensFor(asked);
    if (!place) return ask(stack.upstream);
    place.requests += 1;
    const model = rowOf(asked, needs.catalogue).id;
    const ticket = cooldown.ask(place.id, model);
    try {
      const result = await ask(stack.upstream);
      cooldown.succeeded(place.id, model, ticket);
      return result;
    } catch (error) {
      place.errors += 1;
      const trouble = troubleOf(error);
      if (trouble) cooldown.failed(place.id, model, trouble, ticket);
      throw error;
    }
  };

  const own = createDoorControl({
    places: () => [current().place].filter((place) => place !== undefined),
    find: (id) => [current().place].find((place) => place?.id === id),
    cooldown,
    system,
  });
  const ownDoors = {
    places: () => [current().place].filter((place) => place !== undefined),
    find: (id: string) => [current().place].find((place) => place?.id === id),
    pick: (_conversation: number, skips: (place: Place) => boolean) =>
      [current().place].find((place) => place && !cooldown.isOff(place.id) && !skips(place)),
    cooldown,
    now: () => system.now(),
  };
  const ownKeyDoors = createKeyDoors({ ...ownDoors, keyOf: apiKeyOf(onlyKey(settings)) });
  const ownCloudDoors = createKeyDoors({ ...ownDoors, keyOf: cloudKeyOf });
  const control = (): DoorControl => current().stack.control ?? own;
  const why = (): string => {
    const { why: decided, stack } = current();
    return stack.names ? `${decided} The doors: ${stack.names()}.` : decided;
  };
  const { ready, close } = keepReady(async (signal) => current().stack.prepare?.(signal), needs);
  const stop = forgetWithLogin(['code-assist', 'vertex'], needs, cooldown);

  return {
    get name() {
      return current().name;
    },
    get why() {
      return why();
    },
    get others() {
      return otherDoors(situation());
    },
    get account() {
      return accountOf(current().name);
    },
    upstream: {
      generate: (call, signal) => noted(call, (upstream) => upstream.generate(call, signal)),
      countTokens: async (call, signal) => opensFor(call).stack.upstream.countTokens(call, signal),
      embed: (call, signal) => noted(call, (upstream) => upstream.embed(call, signal)),
      models: (signal) => {
        const { stack, place } = current();
        return place && cooldown.isOff(place.id) ? Promise.resolve([]) : stack.upstream.models(signal);
      },
    },
    serves: (model) => SERVES[current().name](model),
    identityOf: (id) => {
      const { stack, place } = current();
      return stack.identityOf ? stack.identityOf(id) : id === place?.id ? place.account : undefined;
    },
    doorOf: (identity) => {
      const { stack, place } = current();
      return stack.doorOf ? stack.doorOf(identity) : identity === place?.account ? place.id : undefined;
    },
    get keyDoors() {
      return current().stack.keyDoors ?? ownKeyDoors;
    },
    get cloudDoors() {
      return current().stack.cloudDoors ?? ownCloudDoors;
    },
    get control() {
      return control();
    },
    status: () => {
      const { name, stack, place } = current();
      const found = place && cooldown.isOff(place.id) ? OFF : stack.status();
      return {
        ...found,
        details: { ...found.details, upstream: name, why: why(), otherUpstreams: otherDoors(situation()) },
      };
    },
    quota: async (signal) => (await current().stack.quota?.(signal)) ?? [],
    ready,
    close: () => {
      stop();
      for (const { stack } of opened.values()) stack.close?.();
      close();
      return Promise.resolve();
    },
  };
};

type Asked = Pick<Call, 'record' | 'origin' | 'boundTo'>;

interface Opened {
  readonly stack: Stack;
  /** Undefined where it is no door, or stands for several. */
  readonly place: Place | undefined;
}

/** Why nobody may pass the only door. */
const SWITCHED_OFF = { cause: 'off', until: Infinity } as const;
const OFF: Status = { status: 'doors_closed', message: 'The only door to Google is switched off by the owner.' };

class SinglePlace implements Place {
  requests = 0;
  errors = 0;
  readonly id: DoorKind;
  readonly kind: DoorKind;
  readonly label = undefined;
  readonly #stack: Stack;
  readonly #account: () => string;

  constructor(kind: DoorKind, stack: Stack, account: () => string) {
    this.id = kind;
    this.kind = kind;
    this.#stack = stack;
    this.#account = account;
  }

  get account(): string {
    return this.#account();
  }

  get upstream(): Upstream {
    return this.#stack.upstream;
  }

  status(): Status {
    return this.#stack.status();
  }

  forget(): void {
    this.#stack.forget?.();
  }
}

const situationOf = (settings: UpstreamSettings, needs: DoorNeeds): Situation => ({
  kind: settings.kind,
  hasApiKey: settings.geminiApiKey !== undefined || needs.apiKeys !== undefined,
  hasProject: settings.project !== undefined,
  credentials: needs.atHand.credentials,
  hasAdc: needs.atHand.hasAdc,
});
