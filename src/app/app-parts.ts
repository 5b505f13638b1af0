/** What the app is put together from. */
import type { Context, Middleware } from 'koa';
import type { ClientCallers, CountedCaller, OwnerKey } from '../callers/caller.ts';
import type { Console } from '../console/console.ts';
import type { ClientFormat, FormatParts } from '../formats/format.ts';
import type { Status } from '../health.ts';
import type { AdmissionLimits } from '../http/admission.ts';
import type { CorsSettings } from '../http/cors.ts';
import type { BeginTrace, EndedRequest } from '../http/ended-request.ts';
import type { Logger } from '../log.ts';
import type { Porch as MetricsPorch } from '../metrics/metrics.ts';

export interface AppParts {
  readonly log: Logger;
  readonly formats: readonly [ClientFormat, ...ClientFormat[]];
  readonly formatParts: FormatParts;
  readonly keys: readonly OwnerKey[];
  /** Keys that the owner made for others. */
  readonly clients?: {
    readonly callers: ClientCallers;
    readonly tellLimits: (caller: CountedCaller, headers: Record<string, string | number>) => void;
    /** `GET /v1/usage`. */
    readonly usage: Middleware;
  };
  /** Advice of ours in the commands that work where this relay stands. */
  readonly asTypedHere?: (text: string) => string;
  /** Settings that were kept and cannot be used. */
  readonly settingProblems?: () => readonly object[];
  /** The owner's page and its API. */
  readonly console?: Console;
  readonly cors: CorsSettings;
  readonly trustProxyHops: number;
  readonly limits: AdmissionLimits & {
    readonly maxBodyBytes: number;
    readonly maxBodiesBytes: number;
    readonly maxWorkBytes: number;
    readonly maxUnreadBytes: number;
    readonly requestTimeoutMs: number;
    readonly slowReaderMs: number;
    readonly receiveTimeoutMs?: number;
    /** Where fewer than usual can be had. */
    readonly maxConnections?: number | undefined;
  };
  readonly version: string;
  /** Name of the door. */
  readonly upstreamName: () => string;
  readonly status: () => Status;
  /** What replicas share, where they share it. */
  readonly redis?: () => { readonly ok: boolean } | null;
  /** Each door with its state, as `/health` lists them. */
  readonly doors?: () => readonly object[];
  readonly ledger?: {
    /** Told of each request that named a valid key, at its end. */
    add(ended: EndedRequest): void;
    /** Whether anybody does anything with it. */
    isWanted(): boolean;
    /** In the words of `/health`. */
    status(): object;
  };
  readonly tracing?: { readonly begin: BeginTrace } | undefined;
  readonly metrics?: {
    readonly request: (ended: EndedRequest) => void;
    readonly waited: (ms: number) => void;
    /** Answers `/metrics`. */
    readonly open: (porch: MetricsPorch) => (ctx: Context) => unknown;
  };
}
