/** One door: the one that the rule of UPSTREAM names, decided anew when credentials change. */
import { doorNotAllowed, mayEnter } from '../callers/doors.ts';
import type { Call, Upstream } from '../gemini/call.ts';
import { decideDoor, otherDoors } from './decision.ts';
import type { DoorName, Situation } from './decision.ts';
import type { Door, DoorNeeds, UpstreamSettings } from './door.ts';
import { reportOf } from './doors/report.ts';
import { SERVES } from './stacks.ts';
import type { Stack } from './stacks.ts';
import { keepReady } from './warm-up.ts';

export const openOneDoor = (settings: UpstreamSettings, needs: DoorNeeds, open: (name: DoorName) => Stack): Door => {
  const opened = new Map<DoorName, Stack>();
  const counts = { requests: 0, errors: 0 };

  const situation = (): Situation => situationOf(settings, needs);

  const decide = (credentials: Situation['credentials'], hasAdc: boolean) => {
    const decision = decideDoor(situation());
    const door = opened.get(decision.name) ?? open(decision.name);
    opened.set(decision.name, door);
    return { ...decision, door, credentials, hasAdc };
  };
  let latest: ReturnType<typeof decide> | undefined;
  /** Asked for several times by each request; decided anew when credentials change. */
  const current = () => {
    const credentials = needs.credentials();
    const { hasAdc } = needs;
    if (latest?.credentials !== credentials || latest.hasAdc !== hasAdc) latest = decide(credentials, hasAdc);
    return latest;
  };

  const accountOf = (name: DoorName): string => {
    const login = name === 'code-assist' ? needs.tokens : name === 'vertex' ? needs.cloudTokens : undefined;
    return `${name} ${login?.identity() ?? ''}`;
  };

  const opensFor = ({ record, origin: { caller } }: Pick<Call, 'record' | 'origin'>): Upstream => {
    const { name, door } = current();
    if (name !== 'none' && !door.list && !mayEnter(caller, name)) throw doorNotAllowed(caller);
    // Who stands for several doors says which of them it is.
    if (name !== 'none' && !door.list) {
      record.door = name;
      record.account = accountOf(name);
    }
    return door.upstream;
  };
  const counted = <T>(result: Promise<T>): Promise<T> => {
    counts.requests += 1;
    return result.catch(failed);
  };
  const failed = (error: unknown): never => {
    counts.errors += 1;
    throw error;
  };

  const { ready, close } = keepReady(async (signal) => current().door.prepare?.(signal), needs);

  return {
    get name() {
      return current().name;
    },
    get why() {
      return current().why;
    },
    get others() {
      return otherDoors(situation());
    },
    get account() {
      return accountOf(current().name);
    },
    upstream: {
      generate: async (call, signal) => counted(opensFor(call).generate(call, signal)),
      countTokens: async (call, signal) => opensFor(call).countTokens(call, signal),
      embed: async (call, signal) => counted(opensFor(call).embed(call, signal)),
      models: (signal) => current().door.upstream.models(signal),
    },
    serves: (model) => SERVES[current().name](model),
    identityOf: (id) => {
      const { name, door } = current();
      return door.identityOf ? door.identityOf(id) : id === name ? accountOf(name) : undefined;
    },
    list: () => {
      const { name, door } = current();
      return (
        door.list?.() ??
        (name === 'none' ? [] : [reportOf({ id: name, kind: name, label: undefined, ...counts }, door.status())])
      );
    },
    status: () => {
      const { name, why, door } = current();
      const found = door.status();
      return { ...found, details: { ...found.details, upstream: name, why, otherUpstreams: otherDoors(situation()) } };
    },
    ready,
    close: () => {
      for (const stack of opened.values()) stack.close?.();
      close();
      return Promise.resolve();
    },
  };
};

export const situationOf = (settings: UpstreamSettings, needs: DoorNeeds): Situation => ({
  kind: settings.kind,
  hasApiKey: settings.geminiApiKey !== undefined || needs.apiKeys !== undefined,
  hasProject: settings.project !== undefined,
  credentials: needs.credentials(),
  hasAdc: needs.hasAdc,
});
