/** The door to Google, as those see it who do not ask how many doors there are. */
import type { ApiKey } from '../config/api-keys.ts';
import type { Upstream } from '../gemini/call.ts';
import type { Model } from '../gemini/catalogue.ts';
import type { StatusSource } from '../health.ts';
import type { Cooldown } from './cooldown/cooldown.ts';
import type { ModelQuota } from './code-assist/quota.ts';
import type { DoorKind } from './decision.ts';
import type { DoorControl } from './doors/control.ts';
import type { CloudDoors, KeyDoors } from './doors/key-doors.ts';
import type { StackNeeds, StackSettings } from './stacks.ts';

export interface UpstreamSettings extends StackSettings {
  /** The kinds that come after `kind`, in this order. */
  readonly further?: readonly DoorKind[];
}

export interface DoorNeeds extends StackNeeds {
  /** Several keys; undefined where there is GEMINI_API_KEY at most. */
  readonly apiKeys?: KeyList | undefined;
  /** What is known of each door. Needed where there are several. */
  readonly cooldown?: Cooldown | undefined;
}

export interface KeyList {
  readonly keys: readonly ApiKey[];
  onChange(listener: () => void): () => void;
}

/** With UPSTREAM=auto, `name` and `why` may change when credentials do. */
export interface Door {
  readonly name: string;
  /** One sentence, for the console and `/health`. */
  readonly why: string;
  /** What each of the other ways would need, by its name. */
  readonly others: Readonly<Record<string, string>>;
  /** Tells ways and logins apart, and names nobody. Of several doors the first one's. */
  readonly account: string;
  readonly upstream: Upstream;
  /** Whether a way that is open has a model of the catalogue, as far as is known. */
  serves(model: Model): boolean;
  readonly status: StatusSource;
  /** What the key or login of a door is told apart by; undefined where there is no such door. */
  identityOf(door: string): string | undefined;
  /** The door whose key or login that is. */
  doorOf(identity: string): string | undefined;
  /** For what is no question to a model: doors of the Gemini API, and of Vertex AI. */
  readonly keyDoors: KeyDoors;
  readonly cloudDoors: CloudDoors;
  /** Each door with its state, and what its owner may do to it. */
  readonly control: DoorControl;
  /** What Code Assist says is left of each model; empty for what has no such list. */
  quota(signal: AbortSignal): Promise<readonly ModelQuota[]>;
  /** Learns in the background what the first request would have to wait for. Never throws. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
