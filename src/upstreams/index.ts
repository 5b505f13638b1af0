/** The ways to Gemini: which one is open, and what stands between it and the formats. */
import type { AccessTokens } from '../credentials/access-token.ts';
import { LOGIN_ADVICE } from '../credentials/store.ts';
import type { CallRecord, Layer, Upstream } from '../gemini/call.ts';
import type { Catalogue, Model } from '../gemini/models.ts';
import type { SignatureCache } from '../gemini/signatures.ts';
import { combineStatus } from '../health.ts';
import type { StatusSource } from '../health.ts';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { closedDoor } from './closed-door.ts';
import { withEstimate } from './code-assist/count-tokens.ts';
import { createCodeAssist } from './code-assist/upstream.ts';
import { decideDoor, otherDoors } from './decision.ts';
import type { DoorName, Situation } from './decision.ts';
import { createGeminiApi } from './gemini-api/upstream.ts';
import { withKnownModels } from './known-models.ts';
import { withNearestModels } from './nearest-models.ts';
import { withRepairs } from './repairs.ts';
import { withRetries } from './retries.ts';
import { withSpokenInstructions } from './spoken-instructions.ts';
import { createStandingWatch } from './standing-watch.ts';
import { tokenStatus } from './token-status.ts';
import type { Transport } from './transport.ts';
import { withVariants } from './variants.ts';
import { createVertex } from './vertex/upstream.ts';
import { keepPrepared } from './warm-up.ts';

export interface UpstreamSettings {
  readonly kind: Situation['kind'];
  /** GOOGLE_CLOUD_PROJECT. */
  readonly project: string | undefined;
  readonly codeAssistEndpoint: string;
  readonly geminiApiKey: string | undefined;
  readonly geminiApiEndpoint: string;
  readonly location: string;
  readonly vertexEndpoint: string | undefined;
  readonly maxRetries: number;
}

export interface DoorNeeds {
  readonly transport: Transport;
  /** The owner's login. */
  readonly tokens: AccessTokens;
  /** The owner's login where there is one, else Application Default Credentials. */
  readonly cloudTokens: AccessTokens;
  /** What the credentials of variable or file are at this moment: a login may come while the relay serves. */
  readonly credentials: () => Situation['credentials'];
  /** Application Default Credentials outside of the credentials file. */
  readonly hasAdc: boolean;
  readonly catalogue: Catalogue;
  readonly signatures: SignatureCache;
  readonly system: System;
  readonly log: Logger;
}

/** With UPSTREAM=auto, `name` and `why` may change when credentials do. */
export interface Door {
  readonly name: DoorName;
  /** One sentence, for the console and `/health`. */
  readonly why: string;
  /** What each of the other ways would need, by its name. */
  readonly others: Readonly<Record<string, string>>;
  /** Tells ways and logins apart, and names nobody: what Google signed for one is refused from another. */
  readonly account: string;
  readonly upstream: Upstream;
  /** Whether the way that is open has a model of the catalogue, as far as is known. */
  serves(model: Model): boolean;
  readonly status: StatusSource;
  /** Learns in the background what the first request would have to wait for. Never throws. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

interface OpenedDoor {
  readonly upstream: Upstream;
  readonly status: StatusSource;
  readonly prepare?: (signal: AbortSignal) => Promise<void>;
}

export const openDoor = (settings: UpstreamSettings, needs: DoorNeeds): Door => {
  const opened = new Map<DoorName, OpenedDoor>();
  const closing = new AbortController();

  const fixed = {
    kind: settings.kind,
    hasApiKey: settings.geminiApiKey !== undefined,
    hasProject: settings.project !== undefined,
  };
  const situation = (): Situation => ({ ...fixed, credentials: needs.credentials(), hasAdc: needs.hasAdc });

  const decide = (credentials: Situation['credentials'], hasAdc: boolean) => {
    const decision = decideDoor({ ...fixed, credentials, hasAdc });
    const door = opened.get(decision.name) ?? OPENERS[decision.name](settings, needs);
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

  const opensFor = (record: CallRecord): Upstream => {
    const { name, door } = current();
    record.upstream = name;
    return door.upstream;
  };

  const warmUp = keepPrepared({
    prepare: async (signal) => current().door.prepare?.(signal),
    system: needs.system,
    closing: closing.signal,
  });
  let stopListening = (): void => undefined;

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
      const { name } = current();
      const login = name === 'code-assist' ? needs.tokens : name === 'vertex' ? needs.cloudTokens : undefined;
      return `${name} ${login?.identity() ?? ''}`;
    },
    upstream: {
      generate: (call, signal) => opensFor(call.record).generate(call, signal),
      countTokens: (call, signal) => opensFor(call.record).countTokens(call, signal),
      embed: (call, signal) => opensFor(call.record).embed(call, signal),
      models: (signal) => current().door.upstream.models(signal),
    },
    serves: (model) => SERVES[current().name](model),
    status: () => {
      const { name, why, door } = current();
      const found = door.status();
      return { ...found, details: { ...found.details, upstream: name, why, otherUpstreams: otherDoors(situation()) } };
    },
    ready: () => {
      stopListening();
      stopListening = needs.tokens.onChange(() => void warmUp());
      return warmUp();
    },
    close: () => {
      stopListening();
      closing.abort();
      return Promise.resolve();
    },
  };
};

const SERVES = {
  'code-assist': ({ codeAssist }) => codeAssist,
  vertex: ({ vertex }) => vertex,
  'gemini-api': () => true,
  none: () => true,
} satisfies Record<DoorName, (model: Model) => boolean>;

type Opener = (settings: UpstreamSettings, needs: DoorNeeds) => OpenedDoor;

const OPENERS: Readonly<Record<DoorName, Opener>> = {
  'code-assist': (settings, needs) => {
    const door = createCodeAssist({ endpoint: settings.codeAssistEndpoint, project: settings.project }, needs);
    const list = withKnownModels(needs.catalogue, SERVES['code-assist']);
    return { ...stacked(door.upstream, door.status, settings, needs, withEstimate, list), prepare: door.prepare };
  },
  'gemini-api': (settings, needs) =>
    settings.geminiApiKey === undefined
      ? closedDoor('config_error', 'UPSTREAM=gemini-api needs an API key: set GEMINI_API_KEY to one of AI Studio.')
      : stacked(
          createGeminiApi({ endpoint: settings.geminiApiEndpoint, apiKey: settings.geminiApiKey }, needs),
          () => ({ status: 'healthy', message: 'Ready.' }),
          settings,
          needs,
        ),
  vertex: (settings, needs) => {
    const { project, location, vertexEndpoint } = settings;
    if (project === undefined) {
      return closedDoor('config_error', 'UPSTREAM=vertex needs a project: set GOOGLE_CLOUD_PROJECT to its project id.');
    }
    if (/^\d+$/.test(project)) {
      return closedDoor('config_error', 'GOOGLE_CLOUD_PROJECT must be the id of the project, not its number.');
    }
    const { transport, cloudTokens: tokens, system } = needs;
    const upstream = createVertex({ project, location, endpoint: vertexEndpoint }, { transport, tokens, system });
    const list = withKnownModels(needs.catalogue, SERVES.vertex);
    const place: StatusSource = () => ({ status: 'healthy', message: 'Ready.', details: { project, location } });
    return stacked(upstream, () => combineStatus([tokenStatus(tokens), place]), settings, needs, list);
  },
  none: (_settings, { credentials, hasAdc }) =>
    closedDoor(
      'login_required',
      hasAdc || credentials() === 'adc'
        ? 'The relay has Google Cloud credentials, but no project for them: set GOOGLE_CLOUD_PROJECT to its id and restart.'
        : `The relay has no way to Gemini yet. ${LOGIN_ADVICE} Or set GEMINI_API_KEY and restart.`,
    ),
};

/** Layer: the last name that a model has on its way. */
const noteServedModel: Layer = (inner) => ({
  ...inner,
  generate: (call, signal) => {
    call.record.servedModel = call.model;
    return inner.generate(call, signal);
  },
  embed: (call, signal) => {
    call.record.servedModel = call.model;
    return inner.embed(call, signal);
  },
});

/** The layers in front of every upstream, outermost first. */
const stacked = (
  upstream: Upstream,
  status: StatusSource,
  settings: UpstreamSettings,
  { tokens, catalogue, signatures, system, log }: DoorNeeds,
  ...own: readonly Layer[]
): OpenedDoor => {
  const watch = createStandingWatch({
    identity: () => tokens.identity(),
    isKnown: () => status().status !== 'healthy',
    system,
    log,
  });
  const layers: readonly Layer[] = [
    withVariants(catalogue),
    withNearestModels(catalogue),
    withSpokenInstructions(catalogue),
    ...own,
    withRepairs({ catalogue, signatures, log }),
    watch.layer,
    withRetries({ maxRetries: settings.maxRetries, system, log }),
    noteServedModel,
  ];
  return {
    upstream: layers.reduceRight((inner, layer) => layer(inner), upstream),
    status: () => combineStatus([status, watch.status]),
  };
};
