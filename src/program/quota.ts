/** What is left of the quota at Google: for the page and for metrics, asked once for both. */
import { createQuotaWatch } from '../console/quota.ts';
import type { QuotaWatch } from '../console/quota.ts';
import type { Parts } from '../parts.ts';

export const openQuota = ({ door, formatParts: { system } }: Parts): QuotaWatch =>
  createQuotaWatch({
    read: async (signal) =>
      (await door.quota(signal)).map(({ model, remaining, resetAt }) => ({
        door: 'code-assist',
        model,
        remaining_fraction: remaining,
        reset_at: resetAt,
      })),
    system,
  });
