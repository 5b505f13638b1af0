/** What goes to the database for requests of many kinds: as many writes as kinds, in whatever order they came. */
import { expect, test } from 'vitest';
import { toRowsWrite } from '../../src/store/database.ts';
import { createSystem } from '../../src/system.ts';
import { createBatches } from '../../src/usage/request-batch.ts';
import { createKindOf } from '../../src/usage/request-kind.ts';
import type { EndedRequest } from '../../src/usage/request-row.ts';
import { ended } from './rows.ts';

const KINDS: readonly Partial<EndedRequest>[] = [
  {},
  { key: 'grandma' },
  { door: undefined },
  { format: undefined },
  { route: '/v1/responses' },
  { model: 'gemini-2.5-pro' },
  { model: undefined },
  { servedModel: 'gemini-2.5-pro' },
  { stream: false },
  { status: 500 },
  { reason: 'client_closed' },
  { retries: 1 },
  { client: undefined },
  // Names that are none of a model, and none: alike.
  { model: 'Write me a poem' },
];

test('requests that are alike are one write, whatever came between them', () => {
  const batch = createBatches({ kindOf: createKindOf(), system: createSystem(), keepDays: () => 30 })();
  for (const round of [1, 2, 3]) {
    for (const [at, kind] of KINDS.entries()) batch.add(ended({ ...kind, id: `${round} ${at}`, ms: round }));
  }
  const writes = batch.toWrites().flatMap((write) => ('table' in write ? [write] : []));
  expect(writes).toHaveLength(KINDS.length - 1);
  const ids = writes.map(({ texts }) => texts['id']);
  const [unknown] = [KINDS.findIndex((kind) => 'model' in kind && kind.model === undefined)];
  const last = KINDS.length - 1;
  expect(ids).toEqual(
    KINDS.slice(0, -1).map((_kind, at) =>
      [1, 2, 3].flatMap((round) => (at === unknown ? [`${round} ${at}`, `${round} ${last}`] : [`${round} ${at}`])),
    ),
  );
  // Each row stands where its time says, and none twice.
  const places = writes.flatMap(({ texts }) => texts['place'] ?? []);
  expect(new Set(places).size).toBe(3 * KINDS.length);
  expect(writes.map((write) => toRowsWrite(write).rows[0])[1]).toContain('grandma');
});
