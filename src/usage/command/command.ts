/** `npm run usage`: from the command line to the exit code. Reads the store, also beside a relay that serves. */
import { parseConfig } from '../../config.ts';
import type { Environment } from '../../config.ts';
import { silentLogger } from '../../log.ts';
import { isMissing } from '../../store/missing.ts';
import { openStore } from '../../store/store.ts';
import type { StoreAddress } from '../../store/store.ts';
import type { System } from '../../system.ts';
import { commandsHere, placeIn } from '../../terminal/commands-here.ts';
import type { Console } from '../../terminal/console.ts';
import { EXIT } from '../../terminal/exit-codes.ts';
import { notUnderstood } from '../../terminal/mistake.ts';
import { createSpeaker } from '../../terminal/speaker.ts';
import { toCsv } from '../csv.ts';
import { dayOf } from '../day-sums.ts';
import { NO_USAGE, readUsageReport } from '../report.ts';
import type { UsageReport } from '../report.ts';
import { parseUsageArguments, USAGE_USAGE } from './arguments.ts';
import type { UsageCommand } from './arguments.ts';
import { toTable } from './table.ts';

export interface UsageCommandNeeds {
  /** With what `.env` adds. Called once it is clear that something is to be read. */
  readonly loadEnvironment: () => Environment;
  readonly env: Environment;
  readonly system: System;
  readonly out: Console;
  readonly err: Console;
}

export const usage = async (args: readonly string[], needs: UsageCommandNeeds): Promise<number> => {
  const { system, out, err } = needs;
  const place = placeIn(needs.env);
  const command = parseUsageArguments(args, system.now());
  if (command.kind === 'help') {
    out.write(`${commandsHere(USAGE_USAGE, place)}\n`);
    return EXIT.done;
  }
  if (command.kind === 'usage') {
    err.write(notUnderstood(command.problem, commandsHere(USAGE_USAGE, place)));
    return EXIT.usage;
  }
  const say = createSpeaker(err, place);
  // It opens no public address: what one would need is no reason to refuse.
  const config = parseConfig({ ...needs.loadEnvironment(), HOST: '127.0.0.1' });
  const { database } = config;
  if (database.kind === 'none') {
    say(
      'Nothing is kept: DATABASE_URL is none. Take that line away, and the relay keeps what is used from then on.',
      'bad',
    );
    return EXIT.failed;
  }
  // Not for the command to make: it would belong to whoever runs it.
  const isThere = database.kind !== 'sqlite' || !isMissing(database.path);
  const report = isThere
    ? await readFrom(database, command, config.requestLogDays, system)
    : { rows: [], totals: NO_USAGE };
  if (typeof report === 'string') {
    say(report, 'bad');
    return EXIT.failed;
  }
  if (command.form === 'json') out.write(`${JSON.stringify(report)}\n`);
  else if (command.form === 'csv') out.write(toCsv(report));
  else if (report.rows.length > 0) out.write(toTable(report, command.question, out));
  else say(isThere ? nothingFound(command, config.requestLogDays) : NOT_THERE);
  return EXIT.done;
};

const NOT_THERE = 'No request so far: the database is made when the relay first serves.';

type ReportCommand = Extract<UsageCommand, { kind: 'report' }>;

/** Or in words why not, and the way out. */
const readFrom = async (
  address: StoreAddress,
  { question }: ReportCommand,
  keepDays: number,
  system: System,
): Promise<UsageReport | string> => {
  const store = openStore(address, { system, log: silentLogger });
  try {
    await store.opened();
    const { ok, message } = store.state();
    if (!ok) return message ?? 'The database cannot be opened.';
    return await readUsageReport(question, { store, now: system.now(), keepDays });
  } catch (error) {
    return (
      store.state().message ?? `The database cannot be read: ${error instanceof Error ? error.message : 'unknown'}`
    );
  } finally {
    await store.close();
  }
};

/** What to try where the answer is empty. */
const nothingFound = ({ question }: ReportCommand, keepDays: number): string => {
  const { group, from, to, key, model } = question;
  if (group === 'hour' && keepDays === 0) {
    return 'Hours are not kept: REQUEST_LOG_DAYS is 0. By the day there is more: npm run usage';
  }
  const only = key === undefined && model === undefined ? '' : ' with this key and this model';
  return `No request${only} from ${dayOf(from)} to ${dayOf(to - 1)}. Another time is asked for with --from and --to.`;
};
