import type { Context } from 'koa';
import { inFull } from '../errors.ts';
import type { Status } from '../health.ts';
import type { Doorkeeper } from './authenticate.ts';
import { sendJson } from './respond.ts';

export const SERVICE = 'gemini-cli-relay';

export interface HealthNeeds {
  readonly doorkeeper: Doorkeeper;
  /** Name of the door; it may change with the credentials. */
  readonly upstream: () => string;
  readonly status: () => Status;
  /** Version, uptime, counters, …: for callers with a key. */
  readonly details: () => Readonly<Record<string, unknown>>;
}

/** 200 while the process serves: for container supervisors. */
export const sendLiveness = (ctx: Context): void => {
  sendJson(ctx, '{"status":"alive"}');
};

/** 200 only when a request would be relayed now; the message is the way out. Asks nobody, waits for nothing. */
export const sendHealth =
  ({ doorkeeper, upstream, status, details }: HealthNeeds) =>
  (ctx: Context): void => {
    const now = status();
    const caller = doorkeeper.callerOf(ctx);
    const report = {
      status: now.status,
      service: SERVICE,
      upstream: upstream(),
      message: inFull(now.message, now.fix),
      ...(caller !== undefined && { ...details(), ...now.details }),
    };
    sendJson(ctx, JSON.stringify(report), undefined, now.status === 'healthy' ? 200 : 503);
  };
