import type { Row } from '../../src/store/database.ts';
import type { Store } from '../../src/store/store.ts';

const PLACE = 'day, key, model, door, format';

/** The sums of the days as they are kept, and as the single requests make them, reckoned by the database itself. */
export const sumsOfRows = async (
  store: Pick<Store, 'read'>,
): Promise<{ readonly sums: readonly Row[]; readonly ofRows: readonly Row[] }> => ({
  sums: await store.read(`SELECT * FROM day_sums ORDER BY ${PLACE}`),
  ofRows: await store.read(
    `SELECT strftime('%Y-%m-%d', time / 1000, 'unixepoch') AS day, key, COALESCE(model, '') AS model,
      COALESCE(door, '') AS door, COALESCE(format, '') AS format, COUNT(*) AS requests,
      SUM(CASE WHEN status = 499 THEN reason IS NOT NULL AND reason <> 'client_closed'
        ELSE status >= 400 OR reason IS NOT NULL END) AS errors,
      SUM(input_tokens) AS input_tokens, SUM(cached_tokens) AS cached_tokens, SUM(output_tokens) AS output_tokens,
      SUM(thought_tokens) AS thought_tokens, SUM(COALESCE(cost_nanos, 0)) AS cost_nanos,
      SUM(cost_nanos IS NULL) AS unpriced
    FROM requests GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
  ),
});
