/** Reads Google's error envelope in the shapes it is met in: array-wrapped, nested in its own message, misspelled. */
import { isObject } from '../json.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface GoogleFailure {
  readonly code: number | undefined;
  readonly status: string | undefined;
  readonly message: string;
  readonly details: readonly Fields[];
}

/** The error in a parsed body or event; undefined where there is none. */
export const findFailure = (value: unknown): GoogleFailure | undefined => {
  const body: unknown = Array.isArray(value) ? value[0] : value;
  if (!isObject(body) || !('error' in body) || body.error === null || body.error === undefined) return undefined;
  return unnest(toFailure(body.error), MAX_NESTING);
};

/** The same from the text of an error response; undefined for pages and fragments. */
export const readFailure = (text: string): GoogleFailure | undefined => {
  const trimmed = text.trim();
  // An error of the streaming endpoint may come as an event.
  const json = trimmed.startsWith('data:') ? trimmed.slice('data:'.length) : trimmed;
  return findFailure(parseLeniently(json));
};

/** Seen: JSON in a message in JSON in a message. */
const MAX_NESTING = 10;

const unnest = (failure: GoogleFailure, levels: number): GoogleFailure => {
  if (levels === 0 || !/^\s*[[{]/.test(failure.message)) return failure;
  const value = parseLeniently(failure.message);
  const body: unknown = Array.isArray(value) ? value[0] : value;
  if (!isObject(body) || body.error === undefined) return failure;
  const inner = toFailure(body.error);
  return unnest(
    {
      code: inner.code ?? failure.code,
      status: inner.status ?? failure.status,
      message: inner.message,
      details: inner.details.length > 0 ? inner.details : failure.details,
    },
    levels - 1,
  );
};

const toFailure = (error: unknown): GoogleFailure => {
  if (!isObject(error)) {
    return { code: undefined, status: undefined, message: typeof error === 'string' ? error : '', details: [] };
  }
  const { code, status, message, details } = error;
  return {
    code: toStatus(code),
    status: typeof status === 'string' ? status : undefined,
    message: typeof message === 'string' ? message : '',
    details: Array.isArray(details) ? details.filter(isObject).map(withCleanKeys) : [],
  };
};

/** A number, or its text; anything else is no status that could be passed on. */
const toStatus = (code: unknown): number | undefined => {
  const status = typeof code === 'string' && /^\d{3}$/.test(code) ? Number(code) : code;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status < 600 ? status : undefined;
};

/** `" @type"` has been seen. */
const withCleanKeys = (detail: Fields): Fields =>
  Object.fromEntries(Object.entries(detail).map(([key, value]) => [key.trim(), value]));

const parseLeniently = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    try {
      // Doubled commas have been seen.
      return JSON.parse(text.replace(/,(?:\s*,)+/g, ','));
    } catch {
      return undefined;
    }
  }
};
