/** `GET status`: how the relay is, at a glance. */
import { inFull } from '../errors.ts';
import type { Status } from '../health.ts';
import type { Porch } from './console.ts';
import type { Route } from './route.ts';

export interface StatusNeeds {
  readonly version: string;
  readonly upstream: () => string;
  readonly doors: () => readonly object[];
  readonly quota: () => Promise<readonly Quota[]>;
  readonly store: () => { readonly kind: string; readonly ok: boolean };
  readonly redis: () => { readonly ok: boolean } | null;
}

/** What Google says is left of a model. */
export interface Quota {
  readonly door: string;
  readonly model: string;
  readonly remaining_fraction: number;
  readonly reset_at: string | null;
}

export const statusRoutes = (needs: StatusNeeds, porch: Porch): readonly Route[] => [
  { method: 'GET', path: 'status', answer: () => statusOf(needs, porch) },
];

const statusOf = async (needs: StatusNeeds, porch: Porch): Promise<object> => {
  const quota = await needs.quota();
  const { status, message, fix, details }: Status = porch.status();
  return {
    version: needs.version,
    uptime_seconds: porch.uptimeSeconds(),
    status,
    message: inFull(message, fix),
    upstream: needs.upstream(),
    requests: porch.requests(),
    doors: needs.doors(),
    quota,
    store: needs.store(),
    redis: needs.redis(),
    details: details ?? {},
  };
};
