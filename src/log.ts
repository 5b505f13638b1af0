import { createRequire } from 'node:module';
import type * as Winston from 'winston';
import { prettyLine } from './log/pretty-line.ts';
import { OWN, PLAIN, quote, readable, SECRET_FIELD } from './log/text.ts';
import type { Fields, ToLine } from './log/text.ts';
import { createMemo } from './engine/memo.ts';
import type { Redactor } from './redactor.ts';
import type { System } from './system.ts';

/** A fixed sentence and fields, so that lines can be counted. Never a body, prompt, header, query string or token. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogSettings {
  /** Read with each line: it may change. */
  readonly level: LogLevel;
  readonly format: 'pretty' | 'json';
  readonly colors?: boolean;
}

export interface LogNeeds {
  readonly redactor: Redactor;
  readonly system: Pick<System, 'now'>;
  /** Takes finished lines, each with its line break. */
  readonly write: (lines: string) => void;
  /**
   * Runs what it is given in a moment, so that lines are written together; without it each is written at once. Fields
   * are read then: nobody changes them once they are given.
   */
  readonly soon?: ((run: () => void) => void) | undefined;
  /** The commands of a warning or an error as they are typed where the relay stands. */
  readonly asTypedHere?: ((text: string) => string) | undefined;
}

export const createLogger = (settings: LogSettings, needs: LogNeeds): Logger => {
  const { system } = needs;
  const toLine = settings.format === 'json' ? createJsonLine() : prettyLine(settings.colors ?? false);
  let winston: Winston.Logger | undefined;
  // What was said within some milliseconds is written in one go, and goes through winston as one text: line by line,
  // between all else that a request sets off, a line took twice as long.
  let pending: Entry[] = [];
  const flush = (): void => {
    const entries = pending;
    pending = [];
    let lines = '';
    for (const { now, level, message, fields } of entries) {
      const line = toLine(now, level, message, fields);
      const isAdvice = needs.asTypedHere !== undefined && WEIGHTS[level] <= WEIGHTS.warn;
      lines += `${needs.redactor.redact(isAdvice ? needs.asTypedHere(line) : line)}\n`;
    }
    winston ??= openWinston(needs.write);
    winston.log({ level: AS_WRITTEN, message: lines });
  };
  const at = (level: LogLevel) => {
    const weight = WEIGHTS[level];
    return (message: string, fields: object = NO_FIELDS): void => {
      if (weight > WEIGHTS[settings.level]) return;
      pending.push({ now: system.now(), level, message, fields: fields as Fields });
      if (pending.length > 1) return;
      if (needs.soon) needs.soon(flush);
      else flush();
    };
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

const WEIGHTS: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };
const AS_WRITTEN = 'info';

interface Entry {
  readonly now: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Fields;
}

const NO_FIELDS = {};

/** For the first line at the latest: no start waits for its 84 files. */
export const loadWinston = (): typeof Winston => createRequire(import.meta.url)('winston') as typeof Winston;

const openWinston = (write: LogNeeds['write']): Winston.Logger => {
  const winston = loadWinston();
  return winston.createLogger({
    // What is below the level does not get here.
    level: AS_WRITTEN,
    // In place of winston's chain of formats, which would cost as much as a short request: the lines are written already.
    format: winston.format((info) => Object.assign(info, { [MESSAGE]: info.message }))(),
    transports: toTransport(winston, write),
  });
};

/** The console's transport with a way to write of its own: that of winston takes a turn of the event loop per line. */
const toTransport = ({ transports }: typeof Winston, write: LogNeeds['write']): Winston.transport => {
  // winston's types describe its transports as interfaces, though they are instances of this class.
  const transport: unknown = new transports.Console({
    log: (info: { readonly [MESSAGE]: string }, next) => {
      write(info[MESSAGE]);
      next();
    },
  });
  return transport as Winston.transport;
};

/** A logger for tests and scripts that says nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Where winston's transports look for what they are to write. */
const MESSAGE: unique symbol = Symbol.for('message');

const createJsonLine = (): ToLine => {
  /** By field: its name as it stands in a line. Names of fields are the program's own words, and few. */
  const names = createMemo<Name>(MOST_NAMES, LONGEST_NAME);
  let written = { at: 0, text: new Date(0).toISOString() };

  return (now, level, message, fields) => {
    if (written.at !== now) written = { at: now, text: new Date(now).toISOString() };
    let line = `{"time":"${written.text}","level":"${level}","message":${quote(message)}`;
    for (const field in fields) {
      const value = fields[field];
      if (value === undefined) continue;
      const { head, isOwn, isSecret } = names.get(field) ?? names.keep(field, readName(field));
      if (isOwn) continue;
      if (typeof value === 'number') line += head + (Number.isFinite(value) ? String(value) : 'null');
      else if (typeof value === 'boolean') line += head + String(value);
      // Here nearly all end: no function of their own for each field of each request.
      else if (typeof value === 'string' && !isSecret && PLAIN.test(value)) line += `${head}"${value}"`;
      else line += head + quote(readable(field, value));
    }
    return `${line}}`;
  };
};

const MOST_NAMES = 200;
const LONGEST_NAME = 100;

interface Name {
  /** `,"name":`. */
  readonly head: string;
  /** Of the line itself: no field takes its place. */
  readonly isOwn: boolean;
  readonly isSecret: boolean;
}

const readName = (field: string): Name => ({
  head: `,${quote(field)}:`,
  isOwn: OWN.has(field),
  isSecret: SECRET_FIELD.test(field),
});
