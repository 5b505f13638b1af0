import { createLogger as createWinston, format, transports } from 'winston';
import type { transport as Transport } from 'winston';
import { createMemory } from './memory.ts';
import type { Redactor } from './redactor.ts';

export type Fields = Readonly<Record<string, unknown>>;

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
  readonly level: LogLevel;
  readonly format: 'pretty' | 'json';
  readonly colors?: boolean;
}

export interface LogNeeds {
  readonly redactor: Redactor;
  readonly now: () => number;
  /** Takes finished lines, each with its line break. */
  readonly write: (lines: string) => void;
  /**
   * Runs what it is given in a moment, so that lines are written together; without it each is written at once. Fields
   * are read then: nobody changes them once they are given.
   */
  readonly soon?: ((run: () => void) => void) | undefined;
}

export const createLogger = (settings: LogSettings, needs: LogNeeds): Logger => {
  const toLine = settings.format === 'json' ? createJsonLine() : prettyLine(settings.colors ?? false);
  const winston = createWinston({
    level: settings.level,
    // In place of winston's chain of formats, which would cost as much as a short request: the lines are written already.
    format: format((info) => Object.assign(info, { [MESSAGE]: info.message }))(),
    transports: toTransport(needs.write),
  });
  // What was said within some milliseconds is written in one go, and goes through winston as one text: line by line,
  // between all else that a request sets off, a line took twice as long.
  let pending: Entry[] = [];
  const flush = (): void => {
    const entries = pending;
    pending = [];
    let lines = '';
    for (const { now, level, message, fields } of entries) {
      lines += `${needs.redactor.redact(toLine(now, level, message, fields))}\n`;
    }
    winston.log({ level: settings.level, message: lines });
  };
  const at = (level: LogLevel) =>
    LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(settings.level)
      ? (message: string, fields: object = NO_FIELDS): void => {
          pending.push({ now: needs.now(), level, message, fields: fields as Fields });
          if (pending.length > 1) return;
          if (needs.soon) needs.soon(flush);
          else flush();
        }
      : () => undefined;
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

interface Entry {
  readonly now: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Fields;
}

const NO_FIELDS = {};

/** The console's transport with a way to write of its own: that of winston takes a turn of the event loop per line. */
const toTransport = (write: LogNeeds['write']): Transport => {
  // winston's types describe its transports as interfaces, though they are instances of this class.
  const transport: unknown = new transports.Console({
    log: (info: { readonly [MESSAGE]: string }, next) => {
      write(info[MESSAGE]);
      next();
    },
  });
  return transport as Transport;
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

const HIDDEN = '[redacted]';
const SECRET_FIELD = /authorization|cookie|password|secret|private_?key|api_?-?key|(?:^|[_-]|access|refresh|id)token$/i;

/** Of the line itself: no field takes their place. */
const OWN: ReadonlySet<string> = new Set(['time', 'level', 'message']);

type ToLine = (now: number, level: string, message: string, fields: Fields) => string;

const createJsonLine = (): ToLine => {
  const nameOf = createNames();
  let written = { at: 0, text: new Date(0).toISOString() };

  return (now, level, message, fields) => {
    if (written.at !== now) written = { at: now, text: new Date(now).toISOString() };
    let line = `{"time":"${written.text}","level":"${level}","message":${quote(message)}`;
    for (const field in fields) {
      const value = fields[field];
      if (value === undefined || OWN.has(field)) continue;
      const name = nameOf(field);
      line += name.head;
      if (typeof value === 'number') line += numberText(value);
      else if (typeof value === 'string') line += quote(name.isSecret ? HIDDEN : value);
      else line += quote(readable(field, value));
    }
    return `${line}}`;
  };
};

const MOST_NAMES = 200;
const LONGEST_NAME = 100;

interface Name {
  /** `,"name":`. */
  readonly head: string;
  readonly isSecret: boolean;
}

/** What is to be known of a name. The names of fields are the program's own words, and few. */
const createNames = (): ((name: string) => Name) => {
  const known = createMemory<Name>(MOST_NAMES, LONGEST_NAME);
  return (name) =>
    known.find(name) ?? known.keep(name, { head: `,${quote(name)}:`, isSecret: SECRET_FIELD.test(name) });
};

const COLORS: Readonly<Record<string, string>> = { error: '31', warn: '33', info: '32', debug: '90' };

const prettyLine =
  (colors: boolean): ToLine =>
  (now, level, message, fields) => {
    const paint = (code: string, text: string): string => (colors ? `\u001b[${code}m${text}\u001b[0m` : text);
    const clock = new Date(now).toTimeString().slice(0, 8);
    let line = `${paint('90', clock)} ${paint(COLORS[level] ?? '0', level.padEnd(5))} ${escapeControls(message)}`;
    for (const name in fields) {
      const value = readable(name, fields[name]);
      if (value === undefined || value === '' || OWN.has(name)) continue;
      const text = typeof value === 'string' && !/[\s"=]/.test(value) ? escapeControls(value) : quote(value);
      line += ` ${paint('90', `${escapeControls(name)}=`)}${text}`;
    }
    return line;
  };

/** A field's value without secrets; errors as one line with their causes, never with a stack. */
const readable = (name: string, value: unknown): unknown => {
  if (typeof value === 'string') return SECRET_FIELD.test(name) ? HIDDEN : value;
  if (value instanceof Error) return describeError(value);
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value)
      ? value.map((item: unknown) => readable(name, item))
      : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(key, inner)]));
  }
  return value;
};

const MAX_CAUSES = 5;

/** `TypeError: fetch failed <- Error: connect ECONNREFUSED (ECONNREFUSED)` */
export const describeError = (error: unknown, depth = 0): string => {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : `thrown: ${typeof error}`;
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  const cause = error.cause === undefined || depth >= MAX_CAUSES ? '' : ` <- ${describeError(error.cause, depth + 1)}`;
  return `${error.name}: ${error.message}${code}${cause}`;
};

const numberText = (value: number): string => (Number.isFinite(value) ? String(value) : 'null');

const quote = (value: unknown): string =>
  typeof value === 'string' && PLAIN.test(value) ? `"${value}"` : escapeLineEnds(safeJson(value));

/** Needs no escape, neither in JSON nor on a terminal: nearly all that a line holds. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A value that JSON cannot hold (a cycle, a bigint) must not cost the line. */
const safeJson = (value: unknown): string => {
  if (value === undefined) return 'null';
  try {
    return JSON.stringify(value);
  } catch {
    return '"[unprintable]"';
  }
};

/** What JSON leaves as it is, though terminals and viewers take it for a command or the end of a line. */
const LINE_ENDS = /[\u007f-\u009f\u2028\u2029]/g;
const CONTROLS = /\p{Cc}|[\u2028\u2029]/gu;

const escapeLineEnds = (text: string): string => text.replace(LINE_ENDS, toEscape);
const escapeControls = (text: string): string => text.replace(CONTROLS, toEscape);
const toEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
