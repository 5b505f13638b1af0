/** Rows that come column by column: several by one statement, which is told once what they share. */
import type { StatementSync } from 'node:sqlite';
import { namesIn } from './database.ts';
import type { ColumnsWrite, Value } from './database.ts';

/** Rows of one statement. With twice as many nothing is won, and the last of a batch would need more kinds of statements. */
const AT_ONCE = [20, 5, 1];

/** Returns the number of rows that were written. */
export const insertColumns = (write: ColumnsWrite, prepared: (sql: string) => StatementSync): number => {
  const shared = Object.values(write.shared);
  const columns = Object.values(write.columns);
  const all = columns[0]?.length ?? 0;
  let done = 0;
  for (const count of AT_ONCE) {
    if (all - done < count) continue;
    const statement = prepared(insertOf(write, shared.length, columns.length, count));
    for (; all - done >= count; done += count) {
      const values: Value[] = [...shared];
      for (let row = done; row < done + count; row += 1) for (const column of columns) values.push(column[row] ?? null);
      statement.run(...values);
    }
  }
  return done;
};

const insertOf = (write: ColumnsWrite, shared: number, own: number, count: number): string => {
  const into = `INSERT INTO ${write.table} (${namesIn(write).join(', ')})`;
  if (count === 1) return `${into} VALUES ${placesFor(shared + own)}`;
  const rows = `${placesFor(own)}, `.repeat(count - 1) + placesFor(own);
  // By a join: a place that has a number may stand in each row, but is looked for in all of them.
  return `WITH s AS (SELECT ${'?, '.repeat(shared - 1)}?) ${into} SELECT s.*, r.* FROM s CROSS JOIN (VALUES ${rows}) AS r`;
};

const placesFor = (count: number): string => `(${'?, '.repeat(count - 1)}?)`;
