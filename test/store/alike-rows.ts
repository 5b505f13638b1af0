/** Rows of the table `requests` that share most of what they hold. */
import type { Write } from '../../src/store/database.ts';

/** As long as such rows usually are: how many pages a statement changes depends on it. */
export const SHARED = {
  ...{
    key: 'GEMINI_AUTH_PASSWORD',
    door: null,
    format: 'openai',
    route: 'chat.completions',
    model: 'gemini-2.5-flash',
  },
  ...{ served_model: 'gemini-2.5-flash', stream: 1, status: 200, retries: 2 ** 40, client: 'it\u2019s "one"/7.55.0' },
};

/** Of the table `requests`, what no other has. */
export const rowsOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_none, row) => row + from).map((at) => ({
    texts: { place: `place ${at}`.padStart(32, '0'), id: at % 2 === 0 ? '' : `id \u2019 ${at}`.padEnd(36, '.') },
    numbers: {
      ...{ time: 2 ** 41 + at, ms: at / 8, first_ms: at % 3 === 0 ? null : at },
      ...{ input_tokens: at, cached_tokens: 0, output_tokens: 2 ** 52 + 1, thought_tokens: at },
    },
  }));

export const alike = (rows: ReturnType<typeof rowsOf>): Write => ({
  table: 'requests',
  shared: SHARED,
  texts: { place: rows.map(({ texts }) => texts.place), id: rows.map(({ texts }) => texts.id) },
  numbers: {
    names: ['time', 'ms', 'first_ms', 'input_tokens', 'cached_tokens', 'output_tokens', 'thought_tokens'],
    values: Float64Array.from(rows.flatMap(({ numbers }) => Object.values(numbers).map((number) => number ?? NaN))),
  },
});
