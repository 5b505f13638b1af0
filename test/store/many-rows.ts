/** Writes very many rows into the file that it is told, as a relay does under load. */
import { openSqliteDatabase } from '../../src/store/sqlite.ts';
import { alike, rowsOf } from './alike-rows.ts';

const IN_ONE = 200;
const TOGETHER = 20;

const database = await openSqliteDatabase(process.argv[2] ?? '');
for (let round = 0; round < 5; round += 1) {
  const from = round * TOGETHER * IN_ONE;
  await database.write(Array.from({ length: TOGETHER }, (_none, at) => alike(rowsOf(IN_ONE, from + at * IN_ONE))));
}
await database.close();
