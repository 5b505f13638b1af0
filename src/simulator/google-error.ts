import { jsonReply, type Reply } from './reply.ts';
import type { Fields } from './values.ts';

const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

export interface GoogleErrorSettings {
  readonly code: number;
  readonly message: string;
  /** By default the one that belongs to the code. */
  readonly status?: string;
  readonly details?: readonly Fields[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal in Google's words and shape. */
export class GoogleError extends Error {
  readonly settings: GoogleErrorSettings;

  constructor(settings: GoogleErrorSettings) {
    super(settings.message);
    this.name = 'GoogleError';
    this.settings = settings;
  }

  get body(): Fields {
    const { code, message, status = STATUSES[code] ?? 'UNKNOWN', details } = this.settings;
    return { error: { code, message, status, ...(details?.length && { details }) } };
  }

  /** Streaming methods wrap their errors in an array, with `alt=sse` too. */
  reply(streaming = false): Reply {
    return jsonReply(streaming ? [this.body] : this.body, this.settings.code, this.settings.headers);
  }
}

const rpc = (type: string, fields: Fields): Fields => ({
  '@type': `type.googleapis.com/google.rpc.${type}`,
  ...fields,
});

export const errorInfo = (reason: string, domain: string, metadata: Fields = {}): Fields =>
  rpc('ErrorInfo', { reason, domain, metadata });
export const retryInfo = (retryDelay: string): Fields => rpc('RetryInfo', { retryDelay });
export const quotaFailure = (...violations: readonly Fields[]): Fields => rpc('QuotaFailure', { violations });
export const help = (...links: readonly { description: string; url: string }[]): Fields => rpc('Help', { links });
export const localizedMessage = (message: string): Fields => rpc('LocalizedMessage', { locale: 'en-US', message });
export const badRequest = (fieldViolations: readonly Fields[]): Fields => rpc('BadRequest', { fieldViolations });

export const invalidArgument = (message: string, details: readonly Fields[] = []): GoogleError =>
  new GoogleError({ code: 400, message, details });

export const notFound = (message: string): GoogleError => new GoogleError({ code: 404, message });

export const permissionDenied = (message: string, details: readonly Fields[] = []): GoogleError =>
  new GoogleError({ code: 403, message, details });
