import type * as Zod from 'zod';
import { z } from '../engine/zod.ts';
import { readApiKeys } from './api-keys.ts';
import type { ApiKey } from './api-keys.ts';

/** Schemas that read one variable from its text. A refusal says what is wanted and never repeats the value. */

const refuse =
  (problem: string) =>
  (context: Zod.core.ParsePayload): typeof z.NEVER => {
    context.issues.push({ code: 'custom', message: problem, input: undefined });
    return z.NEVER;
  };

export const text = (): Zod.ZodType<string, string> => z.string().trim();

/** What an HTTP header can carry, since that is how clients present it. */
export const key = (): Zod.ZodType<string, string> =>
  z
    .string()
    .trim()
    .regex(/^[\x20-\x7e]+$/, 'holds a character that no HTTP header can carry; use letters, digits, "-" and "_" only');

export const wholeNumber = (min: number, max: number): Zod.ZodType<number, string> =>
  z
    .string()
    .trim()
    .transform((written, context) => {
      const value = /^\d{1,15}$/.test(written) ? Number(written) : NaN;
      if (value >= min && value <= max) return value;
      return refuse(`must be a whole number from ${min} to ${max}`)(context);
    });

export const oneOf = <const T extends string>(...words: readonly T[]): Zod.ZodType<T, string> =>
  z
    .string()
    .trim()
    .transform((written, context) => {
      const found = words.find((word) => word === written.toLowerCase());
      return found ?? refuse(`must be one of ${words.join(', ')}`)(context);
    });

const YES = ['true', '1', 'yes', 'on'];
const NO = ['false', '0', 'no', 'off'];

/** `words` are those that it is advised with; all others are taken as well. */
export const yesOrNo = (words = 'true or false'): Zod.ZodType<boolean, string> =>
  z
    .string()
    .trim()
    .transform((written, context) => {
      const word = written.toLowerCase();
      if (YES.includes(word)) return true;
      if (NO.includes(word)) return false;
      return refuse(`must be ${words}`)(context);
    });

/** As `yesOrNo`, told by the words that it is advised with. */
export const onOrOff = (): Zod.ZodType<'on' | 'off', string> =>
  yesOrNo('on or off').transform((isOn) => (isOn ? 'on' : 'off'));

export const list = (): Zod.ZodType<readonly string[], string> =>
  z.string().transform((written) =>
    written
      .split(/[,\s]+/)
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

/** `ASKED=SERVED,…`, the first that fits wins; `off` for none. */
export const aliases = (): Zod.ZodType<readonly { readonly asked: string; readonly served: string }[], string> =>
  z.string().transform((written, context) => {
    const items = written
      .split(/[,\n]/)
      .map((item) => item.trim())
      .filter((item) => item !== '');
    if (items.length === 1 && items[0]?.toLowerCase() === 'off') return [];
    const read: { readonly asked: string; readonly served: string }[] = [];
    for (const item of items) {
      const [, asked, served] = ALIAS.exec(item) ?? [];
      if (asked === undefined || served === undefined || served.includes('..')) {
        return refuse('must be ASKED=SERVED pairs separated by commas, for example gpt-*=gemini-3.8-flash, or off')(
          context,
        );
      }
      read.push({ asked, served });
    }
    return read;
  });

/** Names that clients write may hold what ids of Google's do not: `claude-opus-5[1m]`. */
const ALIAS = /^([^\s=,]{1,200})\s*=\s*([A-Za-z0-9._:@/-]{1,200})$/;

/** Some of these words in an order of preference, or the first word alone. */
export const oneOrListOf = <const One extends string, const Word extends string>(
  alone: One,
  ...words: readonly Word[]
): Zod.ZodType<One | readonly [Word, ...Word[]], string> =>
  z.string().transform((written, context) => {
    const items = written.toLowerCase().split(/[,\s]+/);
    const [first, ...others] = items.flatMap((item) => words.filter((word) => word === item));
    if (items.length === 1 && items[0] === alone) return alone;
    if (first === undefined || others.length + 1 < items.length) {
      return refuse(
        `must be one of ${alone}, ${words.join(', ')}, or several of the last ${words.length} separated by commas`,
      )(context);
    }
    return new Set(items).size < items.length ? refuse('names one of them twice')(context) : [first, ...others];
  });

export const apiKeys = (): Zod.ZodType<readonly ApiKey[], string> =>
  z.string().transform((written, context) => {
    const { keys, problems } = readApiKeys(written);
    const [problem] = problems;
    if (problem !== undefined) return refuse(`${/^is /.test(problem) ? '' : 'cannot be used: '}${problem}`)(context);
    return keys.length > 0 ? keys : refuse('holds no key')(context);
  });

/** By the model that is asked for, those that may stand in for it. */
export type Fallbacks = Readonly<Record<string, readonly string[]>>;

export const fallbacks = (): Zod.ZodType<Fallbacks, string> =>
  z.string().transform((written, context) => {
    const found = new Map<string, readonly string[]>();
    for (const chain of written.split(/[,\n]/).filter((part) => part.trim() !== '')) {
      const [asked = '', ...others] = chain.split('>').map((id) => id.trim());
      if (![asked, ...others].every((id) => MODEL_ID.test(id)) || others.length === 0) {
        return refuse('must be model ids like ASKED>FIRST>SECOND, several such rows separated by commas')(context);
      }
      if (new Set([asked, ...others]).size <= others.length) return refuse('names a model twice in one row')(context);
      if (found.has(asked)) return refuse('has two rows for the same model')(context);
      found.set(asked, others);
    }
    return Object.fromEntries(found);
  });

const MODEL_ID = /^(?!.*\.\.)[A-Za-z0-9._:@/-]{1,200}$/;

/** Tokens and prompts never cross a network in clear: https, or http to this machine. Gives it without a last slash. */
export const endpoint = (): Zod.ZodType<string, string> =>
  z
    .string()
    .trim()
    .transform((written, context) => {
      if (!URL.canParse(written)) return refuse('must be a whole address, beginning with https://')(context);
      const { protocol, hostname, username, password, search, hash } = new URL(written);
      if (username !== '' || password !== '') return refuse('must not hold a user name or password')(context);
      if (search !== '' || hash !== '') return refuse('must not hold a "?" or "#"')(context);
      if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)))
        return written.replace(/(?<!\/)\/+$/, '');
      return refuse('must begin with https:// (http:// is for addresses of this machine only)')(context);
    });

export const proxy = (): Zod.ZodType<string, string> =>
  z
    .string()
    .trim()
    .transform((written, context) => {
      const address = written.includes('://') ? written : `http://${written}`;
      if (!URL.canParse(address)) return refuse('must be the address of a proxy')(context);
      const { protocol, hostname } = new URL(address);
      if (hostname === '' || !/^(?:https?|socks|socks5h?):$/.test(protocol)) return wrongProxy(context);
      // Names are always resolved by the proxy: what `socks5h:` asks for, and undici knows by `socks5:` alone.
      return address.replace(/^socks(?:5h?)?:/i, 'socks5:');
    });

const wrongProxy = refuse('must be the address of a proxy, beginning with http://, https:// or socks5://');

/** Where a database is: SQLite's file, a PostgreSQL server, or nowhere. */
export type DatabaseAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'none' };

export const database = (): Zod.ZodType<DatabaseAddress, string> =>
  z
    .string()
    .trim()
    .transform((written, context) => {
      if (written.toLowerCase() === 'none') return { kind: 'none' };
      if (/^sqlite:/i.test(written)) {
        const path = sqlitePath(written.slice('sqlite:'.length), process.platform);
        return path === '' || path.startsWith('//') || path.startsWith(':') || path.endsWith('/')
          ? refuse('must name a file behind sqlite:')(context)
          : { kind: 'sqlite', path };
      }
      if (/^postgres(?:ql)?:\/\//i.test(written)) {
        return URL.canParse(written) && new URL(written).hostname !== ''
          ? { kind: 'postgres', url: written }
          : refuse('must be a whole address behind postgres://, special characters of the password as %XX')(context);
      }
      return refuse('must be sqlite:PATH, postgres://… or none')(context);
    });

/** `///data/relay.db` is how others write a whole path, and `///C:/relay.db` one with a drive of Windows. */
export const sqlitePath = (address: string, platform: NodeJS.Platform): string => {
  const path = address.replace(/^\/\/(?=\/)/, '');
  return platform === 'win32' ? path.replace(/^\/(?=[a-z]:[\\/])/i, '') : path;
};

/** Where a Redis or Valkey is. */
export const redis = (): Zod.ZodType<string, string> =>
  z
    .string()
    .trim()
    .transform((written, context) =>
      /^rediss?:\/\//i.test(written) && URL.canParse(written) && new URL(written).hostname !== ''
        ? written
        : refuse(
            'must be a whole address like redis://HOST:6379 or rediss://USER:PASSWORD@HOST, special characters of the ' +
              'password as %XX',
          )(context),
    );

/** Where a collector of traces is, without a last slash. Often in the same network, and never given a word of a prompt: http will do. */
export const collector = (): Zod.ZodType<string, string> =>
  z
    .string()
    .trim()
    .transform((written, context) => {
      const url = URL.parse(written);
      if (!url || !/^https?:$/.test(url.protocol)) {
        return refuse('must be a whole address like http://collector:4318')(context);
      }
      if (url.username !== '' || url.password !== '') {
        return refuse('must not hold a user name or password: OTEL_EXPORTER_OTLP_HEADERS is for those')(context);
      }
      return written.replace(/(?<!\/)\/+$/, '');
    });

/** `NAME=VALUE,NAME=VALUE`, values with %XX, as OpenTelemetry writes it. */
export const pairs = (): Zod.ZodType<Readonly<Record<string, string>>, string> =>
  z.string().transform((written, context) => {
    const found: [string, string][] = [];
    for (const pair of written.split(',').filter((part) => part.trim() !== '')) {
      const at = pair.indexOf('=');
      const name = pair.slice(0, at).trim();
      const value = decodedText(pair.slice(at + 1).trim());
      if (at <= 0 || !/^[\w.-]+$/.test(name) || value === undefined) {
        return refuse('must be pairs like NAME=VALUE separated by commas, special characters of a value as %XX')(
          context,
        );
      }
      found.push([name, value]);
    }
    return Object.fromEntries(found);
  });

const decodedText = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

export const ratio = (): Zod.ZodType<number, string> =>
  z.string().transform((written, context) => {
    const value = Number(written);
    return value >= 0 && value <= 1 ? value : refuse('must be a number from 0 to 1')(context);
  });

/** What stands before the names of keys. */
export const keyPrefix = (): Zod.ZodType<string, string> =>
  z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]{1,100}$/, 'must be 1 to 100 visible ASCII characters without blanks');

/** What a header value can hold: visible ASCII and blanks. */
export const headerText = (): Zod.ZodType<string, string> =>
  z
    .string()
    .trim()
    .regex(/^[\x20-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters');

export const hostName = (): Zod.ZodType<string, string> =>
  z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9._:%-]{1,253}$/, 'must be an address or a host name, without a port or "http://"');

/** One `*`, or `none`, or whole origins. */
export const origins = (): Zod.ZodType<'*' | 'none' | readonly string[], string> =>
  z.string().transform((written, context) => {
    const items = written.split(/[,\s]+/).filter((item) => item !== '');
    const [only] = items;
    if (items.length === 1 && (only === '*' || only === 'none')) return only;
    const wrong = items.find((item) => item !== toOrigin(item));
    if (items.length > 0 && wrong === undefined) return items;
    return refuse('must be *, none, or origins like https://chat.example.org, without a path and separated by commas')(
      context,
    );
  });

const toOrigin = (written: string): string | undefined => (URL.canParse(written) ? new URL(written).origin : undefined);

export const isLoopback = (host: string): boolean => {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name);
};
