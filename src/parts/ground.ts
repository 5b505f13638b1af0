/** What the parts stand on. */
import type { Config } from '../config.ts';
import { createLogger } from '../log.ts';
import type { Logger, LogNeeds } from '../log.ts';
import type { Redactor } from '../redactor.ts';
import { besides } from '../settings/live.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import type { System } from '../system.ts';

export interface PartsNeeds {
  readonly system: System;
  readonly redactor: Redactor;
  readonly write: LogNeeds['write'];
  readonly soon?: LogNeeds['soon'];
  /** Where LOG_FORMAT does not say. */
  readonly logFormat: 'pretty' | 'json';
  readonly colors: boolean;
  readonly asTypedHere?: LogNeeds['asTypedHere'];
  /** Of answers on their way from Google, by what the process may take; a number of the transport's own without it. */
  readonly maxArrivingBytes?: number | undefined;
}

/** Closed with the parts. */
export interface Ground {
  readonly log: Logger;
  readonly store: Store;
}

export const openLog = (
  config: Config,
  { system, redactor, write, soon, logFormat, colors, asTypedHere }: PartsNeeds,
): Logger =>
  createLogger(besides(config.log, { format: config.log.format ?? logFormat, colors }), {
    redactor,
    system,
    write,
    soon,
    asTypedHere,
  });

/** Nobody waits for the database. */
export const openGround = (config: Config, needs: PartsNeeds, newOnesWait = false): Ground => {
  const log = openLog(config, needs);
  return { log, store: openStore(config.database, { system: needs.system, log, newOnesWait }) };
};
