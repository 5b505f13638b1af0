/** What Code Assist says is left of each model. Not the last word: its limits of the minute are not among it. */
import type { z as Zod } from 'zod';
import { z } from '../../engine/zod.ts';

export interface ModelQuota {
  readonly model: string;
  /** From 0 to 1. */
  readonly remaining: number;
  /** ISO 8601. */
  readonly resetAt: string | null;
}

const answer: Zod.ZodType<{ readonly buckets?: readonly unknown[] | undefined }> = z.object({
  buckets: z.array(z.unknown()).optional(),
});
const bucket = z.object({
  modelId: z.string().min(1).max(200),
  remainingFraction: z.number().min(0).max(1),
  resetTime: z.string().optional(),
});

/** A bucket that says something else is left out. */
export const readQuota = (json: unknown): readonly ModelQuota[] =>
  (answer.safeParse(json).data?.buckets ?? []).flatMap((one) => {
    const read = bucket.safeParse(one);
    if (!read.success) return [];
    const { modelId, remainingFraction, resetTime } = read.data;
    const time = Date.parse(resetTime ?? '');
    return [
      {
        model: modelId,
        remaining: remainingFraction,
        resetAt: Number.isNaN(time) ? null : new Date(time).toISOString(),
      },
    ];
  });
