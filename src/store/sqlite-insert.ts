/** Rows that are alike: many by one statement, which is told once what they share. */
import type { StatementSync } from 'node:sqlite';
import { countOf, namesIn, numberIn } from './database.ts';
import type { AlikeWrite, Numbers, Value } from './database.ts';

/** Rows of one statement. With four times as many nothing is won, and each number is a statement of its own kind. */
const AT_ONCE = [50, 10, 1];

/** Returns the number of rows that were written. */
export const insertAlike = (write: AlikeWrite, prepared: (sql: string) => StatementSync): number => {
  const { numbers } = write;
  const shared = Object.values(write.shared);
  const texts = Object.values(write.texts);
  const own = texts.length + numbers.names.length;
  const all = countOf(write);
  let done = 0;
  for (const count of AT_ONCE) {
    if (all - done < count) continue;
    const statement = prepared(insertOf(write, shared.length, own, count));
    // Grows with the first rows and is written over by those that follow. Made at its full length it would have holes
    // to be looked for: 0.2 µs more for each row.
    const values: Value[] = [...shared];
    for (; all - done >= count; done += count) {
      for (let row = 0; row < count; row += 1) {
        putRow(values, shared.length + row * own, done + row, texts, numbers);
      }
      statement.run(...values);
    }
  }
  return done;
};

/** What is a row's own, from this place on. */
const putRow = (
  values: Value[],
  place: number,
  row: number,
  texts: readonly (readonly string[])[],
  numbers: Numbers,
): void => {
  for (let at = 0; at < texts.length; at += 1) values[place + at] = texts[at]?.[row] ?? null;
  const first = place + texts.length;
  for (let at = 0; at < numbers.names.length; at += 1) values[first + at] = numberIn(numbers, row, at);
};

const insertOf = (write: AlikeWrite, shared: number, own: number, count: number): string => {
  // If one fails the whole transaction is taken back. To be able to take back its own rows alone, each statement would
  // first copy all pages that it changes, soon into a file among the system's temporary ones: a fifth of all writes.
  const into = `INSERT OR ROLLBACK INTO ${write.table} (${namesIn(write).join(', ')})`;
  if (count === 1) return `${into} VALUES ${placesFor(shared + own)}`;
  const rows = `${placesFor(own)}, `.repeat(count - 1) + placesFor(own);
  // Joined with a row of what is shared, SQLite would put the others into a table of their own first: 0.3 µs for each.
  return `${into} SELECT ${'?, '.repeat(shared)}r.* FROM (VALUES ${rows}) AS r`;
};

const placesFor = (count: number): string => `(${'?, '.repeat(count - 1)}?)`;
