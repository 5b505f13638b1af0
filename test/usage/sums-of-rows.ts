import type { Row } from '../../src/store/database.ts';
import type { Store } from '../../src/store/store.ts';

const PLACE = 'day, key, model, door, format';

/** The sums of the days as they are kept, and as the single requests make them, reckoned by the database itself. */
export const sumsOfRows = async (
  store: Pick<Store, 'read' | 'kind'>,
): Promise<{ readonly sums: readonly Row[]; readonly ofRows: readonly Row[] }> => ({
  sums: await store.read(`SELECT * FROM day_sums ORDER BY ${PLACE}`),
  ofRows: await store.read(
    `SELECT ${DAY[store.kind]} AS day, key, COALESCE(model, '') AS model, COALESCE(door, '') AS door,
      COALESCE(format, '') AS format, COUNT(*) AS requests,
      SUM(CASE WHEN status = 499 AND reason = 'client_closed' THEN 0 WHEN status = 499 AND reason IS NULL THEN 0
        WHEN status >= 400 OR reason IS NOT NULL THEN 1 ELSE 0 END) AS errors,
      SUM(input_tokens) AS input_tokens, SUM(cached_tokens) AS cached_tokens, SUM(output_tokens) AS output_tokens,
      SUM(thought_tokens) AS thought_tokens, SUM(COALESCE(cost_nanos, 0)) AS cost_nanos,
      SUM(CASE WHEN cost_nanos IS NULL THEN 1 ELSE 0 END) AS unpriced
    FROM requests GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
  ),
});

const DAY = {
  sqlite: "strftime('%Y-%m-%d', time / 1000, 'unixepoch')",
  postgres: "to_char(to_timestamp(time / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
  none: 'NULL',
} as const;
