/** The layers in front of each kind of door, and the doors themselves. */
import type { AccessTokens } from '../credentials/access-token.ts';
import { LOGIN_ADVICE } from '../credentials/store.ts';
import { failed } from '../errors.ts';
import type { DoorKey, Layer, Upstream } from '../gemini/call.ts';
import type { Catalogue, Model } from '../gemini/catalogue.ts';
import type { SignatureCache } from '../gemini/signatures.ts';
import { combineStatus } from '../health.ts';
import type { StatusSource } from '../health.ts';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { closedDoor } from './closed-door.ts';
import { withEstimate } from './code-assist/count-tokens.ts';
import type { ModelQuota } from './code-assist/quota.ts';
import { createCodeAssist } from './code-assist/upstream.ts';
import type { AtHand, DoorName, Situation } from './decision.ts';
import type { DoorControl } from './doors/control.ts';
import type { CloudDoors, KeyDoors } from './doors/key-doors.ts';
import { createGeminiApi } from './gemini-api/upstream.ts';
import { withKnownModels } from './known-models.ts';
import { withNearestModels } from './nearest-models.ts';
import { withOwnSignatures } from './own-signatures.ts';
import { withRepairs } from './repairs.ts';
import { withRetries } from './retries.ts';
import type { RetryBudget } from './retry-budget.ts';
import { withSpokenInstructions } from './spoken-instructions.ts';
import { createRefusalWatch } from './refusal-watch.ts';
import { tokenStatus } from './token-status.ts';
import type { Transport } from './transport.ts';
import { withVariants } from './variants.ts';
import { createVertex } from './vertex/upstream.ts';

export interface StackSettings {
  readonly kind: Situation['kind'];
  /** GOOGLE_CLOUD_PROJECT. */
  readonly project: string | undefined;
  readonly codeAssistEndpoint: string;
  readonly geminiApiKey: string | undefined;
  /** GEMINI_API_KEYS_FILE. */
  readonly apiKeysFile?: string | undefined;
  readonly geminiApiEndpoint: string;
  readonly location: string;
  readonly vertexEndpoint: string | undefined;
  readonly maxRetries: number;
}

export interface StackNeeds {
  readonly transport: Transport;
  /** The owner's login. */
  readonly tokens: AccessTokens;
  /** The owner's login where there is one, else Application Default Credentials. */
  readonly cloudTokens: AccessTokens;
  /** Its fields are those of this moment: a login may come while the relay serves. */
  readonly atHand: AtHand;
  readonly catalogue: Catalogue;
  readonly signatures: SignatureCache;
  readonly system: System;
  readonly log: Logger;
  readonly told?: Happenings | undefined;
  /** Innermost: what passes there is one try at Google. */
  readonly tries?: Layer | undefined;
  /** Where it is one of several doors. */
  readonly several?: Several | undefined;
}

/** What happens now and then, told to whoever counts it. */
export interface Happenings {
  /** A call is tried once more at the same door. */
  readonly retried: (door: string | undefined, reason: string) => void;
  /** A call leaves a door for another. */
  readonly failedOver: (door: string, cause: string) => void;
}

export interface Several {
  readonly retries: RetryBudget;
  /** For what is asked of no door in particular: the list of models. */
  readonly anyKey: () => DoorKey | undefined;
}

export interface Stack {
  readonly upstream: Upstream;
  readonly status: StatusSource;
  /** Known sooner than the status, where all is well. */
  readonly isReady?: () => boolean;
  readonly prepare?: (signal: AbortSignal) => Promise<void>;
  /** What Google says is left, where it says so. */
  readonly quota?: ((signal: AbortSignal) => Promise<readonly ModelQuota[]>) | undefined;
  /** Where it stands for several doors. */
  readonly control?: DoorControl;
  /** Their ids; of many the first few, and how many there are. */
  readonly names?: () => string;
  readonly identityOf?: (door: string) => string | undefined;
  readonly doorOf?: (identity: string) => string | undefined;
  readonly keyDoors?: KeyDoors;
  readonly cloudDoors?: CloudDoors;
  readonly close?: () => void;
  /** Its status no longer says what Google once said. */
  readonly forget?: () => void;
}

export const openStack = (name: DoorName, settings: StackSettings, needs: StackNeeds): Stack =>
  OPENERS[name](settings, needs);

/** Which models of the catalogue a kind of door has, as far as is known. */
export const SERVES = {
  'code-assist': ({ codeAssist }) => codeAssist,
  vertex: ({ vertex }) => vertex,
  'gemini-api': () => true,
  none: () => true,
} satisfies Record<DoorName, (model: Model) => boolean>;

type Opener = (settings: StackSettings, needs: StackNeeds) => Stack;

const OPENERS: Readonly<Record<DoorName, Opener>> = {
  'code-assist': (settings, needs) => {
    const door = createCodeAssist({ endpoint: settings.codeAssistEndpoint, project: settings.project }, needs);
    const list = withKnownModels(needs.catalogue, SERVES['code-assist']);
    return {
      ...stacked(door.upstream, door.status, settings, needs, SERVES['code-assist'], withEstimate, list),
      isReady: door.isReady,
      prepare: door.prepare,
      quota: door.quota,
    };
  },
  'gemini-api': (settings, needs) => {
    const { geminiApiEndpoint: endpoint } = settings;
    const { several } = needs;
    const only = onlyKey(settings);
    const [noKey, setKey] = settings.apiKeysFile === undefined ? NO_KEY : NO_KEY_IN_FILE;
    if (!several && !only) return closedDoor('config_error', noKey, setKey);
    const anyKey = (): DoorKey | undefined => several?.anyKey() ?? only;
    const key = (): DoorKey => {
      const found = anyKey();
      if (!found) throw failed('config_error', noKey, { fix: setKey });
      return found;
    };
    return stacked(
      createGeminiApi({ endpoint, key }, needs),
      () =>
        anyKey() ? { status: 'healthy', message: 'Ready.' } : { status: 'config_error', message: noKey, fix: setKey },
      settings,
      needs,
      SERVES['gemini-api'],
    );
  },
  vertex: (settings, needs) => {
    const { project, location, vertexEndpoint } = settings;
    if (project === undefined) {
      return closedDoor(
        'config_error',
        'UPSTREAM=vertex needs a project.',
        'Set GOOGLE_CLOUD_PROJECT to its project id.',
      );
    }
    if (/^\d+$/.test(project)) {
      return closedDoor(
        'config_error',
        'GOOGLE_CLOUD_PROJECT must be the id of the project, not its number.',
        'Set it to the id.',
      );
    }
    const { transport, cloudTokens: tokens, system } = needs;
    const upstream = createVertex({ project, location, endpoint: vertexEndpoint }, { transport, tokens, system });
    const list = withKnownModels(needs.catalogue, SERVES.vertex);
    const place: StatusSource = () => ({ status: 'healthy', message: 'Ready.', details: { project, location } });
    return {
      ...stacked(upstream, () => combineStatus([tokenStatus(tokens), place]), settings, needs, SERVES.vertex, list),
      isReady: () => tokens.known() !== undefined,
      // What may be missing is known before the first request.
      prepare: async (signal) => {
        await tokens.get(signal);
      },
    };
  },
  none: (_settings, { atHand: { credentials, hasAdc } }) =>
    hasAdc || credentials === 'adc'
      ? closedDoor(
          'login_required',
          'The relay has Google Cloud credentials, but no project for them.',
          'Set GOOGLE_CLOUD_PROJECT to its id and restart.',
        )
      : closedDoor(
          'login_required',
          'The relay has no door to Google yet.',
          `${LOGIN_ADVICE} Or set GEMINI_API_KEY and restart.`,
        ),
};

export const onlyKey = ({ geminiApiKey: apiKey }: Pick<StackSettings, 'geminiApiKey'>): DoorKey | undefined =>
  apiKey === undefined ? undefined : { apiKey, keyName: 'GEMINI_API_KEY' };

const NO_KEY = ['UPSTREAM=gemini-api needs an API key.', 'Set GEMINI_API_KEY to one of AI Studio.'] as const;
const NO_KEY_IN_FILE = [
  'No API key was found in the file that GEMINI_API_KEYS_FILE names.',
  'The log says why. Put it right: the file is read again when it changes.',
] as const;

/** Layer: the last name that a model has on its way. */
const noteServedModel: Layer = (inner) => ({
  ...inner,
  generate: (call, signal) => {
    call.record.servedModel = call.model;
    // Another door may take what the one before did not.
    call.record.leftOut &&= undefined;
    return inner.generate(call, signal);
  },
  embed: (call, signal) => {
    call.record.servedModel = call.model;
    call.record.leftOut &&= undefined;
    return inner.embed(call, signal);
  },
});

/** The layers in front of every upstream, outermost first. */
const stacked = (
  upstream: Upstream,
  status: StatusSource,
  settings: StackSettings,
  { tokens, catalogue, signatures, system, log, several, told, tries }: StackNeeds,
  serves: (model: Model) => boolean,
  ...own: readonly Layer[]
): Stack => {
  // Of several doors the state of each is kept where one of them is chosen.
  const watch = several
    ? NO_WATCH
    : createRefusalWatch({
        identity: () => tokens.identity(),
        isKnown: () => status().status !== 'healthy',
        system,
        log,
      });
  const layers: readonly Layer[] = [
    withVariants(catalogue),
    withNearestModels(catalogue, serves),
    withSpokenInstructions(catalogue),
    ...own,
    withRepairs({ catalogue, signatures, log }),
    withOwnSignatures({ catalogue, signatures, watches: several !== undefined }),
    watch.layer,
    withRetries({
      get maxRetries() {
        return settings.maxRetries;
      },
      budget: several?.retries,
      retried: told?.retried,
      system,
      log,
    }),
    noteServedModel,
    ...(tries ? [tries] : []),
  ];
  return {
    upstream: layers.reduceRight((inner, layer) => layer(inner), upstream),
    status: () => combineStatus([status, watch.status]),
    forget: watch.forget,
  };
};

const NO_WATCH: ReturnType<typeof createRefusalWatch> = {
  layer: (inner) => inner,
  forget: () => undefined,
  status: () => ({ status: 'healthy', message: 'Ready.' }),
};
