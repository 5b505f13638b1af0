import type { Context, Middleware, Next } from 'koa';
import { RelayError } from '../errors.ts';
import type { System } from '../system.ts';
import { overloaded } from './memory-budget.ts';
import { createWaitingLine } from './waiting-line.ts';

/** Read with each request: they may change. */
export interface AdmissionLimits {
  readonly maxConcurrentRequests: number;
  readonly maxQueuedRequests: number;
  readonly queueTimeoutMs: number;
}

/** So many requests are answered at a time, so many more wait in order; all others are refused at once. */
export interface Admission {
  /** Undefined for who need not wait. Throws, or rejects, for who is refused. */
  enter(signal: AbortSignal): Promise<void> | undefined;
  leave(): void;
  /** Refuses those who wait: others have more time for them. */
  refuseWaiting(reason: RelayError): void;
  /** Refuses those who wait and all who come. */
  close(reason: RelayError): void;
  readonly active: number;
  readonly queued: number;
}

export const createAdmission = (
  limits: AdmissionLimits,
  system: System,
  /** Told of each that had to wait, whatever came of it. */
  waited: (ms: number) => void = () => undefined,
): Admission => {
  const queue = createWaitingLine(
    () => limits.queueTimeoutMs,
    system,
    () => overloaded(`The relay was busy for ${limits.queueTimeoutMs} ms`, system.random()),
  );
  let active = 0;
  /** As many as there are places for: the limit may have changed. */
  const admitWaiting = (): void => {
    while (queue.first && active < limits.maxConcurrentRequests) {
      active += 1;
      queue.first.admit();
    }
  };
  let closedFor: RelayError | undefined;

  return {
    enter: (signal) => {
      if (closedFor) throw closedFor;
      if (signal.aborted) throw signal.reason;
      if (queue.size > 0) admitWaiting();
      if (active < limits.maxConcurrentRequests) {
        active += 1;
        return undefined;
      }
      if (queue.size >= limits.maxQueuedRequests) {
        throw overloaded('The relay is busy and its queue is full', system.random());
      }
      const from = system.monotonic();
      return queue.wait(signal).finally(() => {
        waited(system.monotonic() - from);
      });
    },
    leave: () => {
      active -= 1;
      admitWaiting();
    },
    refuseWaiting: (reason) => {
      queue.refuseAll(reason);
    },
    close: (reason) => {
      closedFor = reason;
      queue.refuseAll(reason);
    },
    get active() {
      return active;
    },
    get queued() {
      return queue.size;
    },
  };
};

/** Of one request. Who dawdles with a body gives it to others, and comes back with the whole of it. */
export class RequestPlace {
  readonly #admission: Admission;
  #isHeld = true;

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  /** Undefined for who has it still, or again without waiting. Throws, or rejects, as `Admission.enter`. */
  back(signal: AbortSignal): Promise<void> | undefined {
    if (this.#isHeld) return undefined;
    const turn = this.#admission.enter(signal);
    if (turn) {
      return turn.then(() => {
        this.#isHeld = true;
      });
    }
    this.#isHeld = true;
    return undefined;
  }

  leave(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#admission.leave();
  }
}

const HOP_BYTES = 16 * 1024;

/** Stands before the body is read: a refusal costs next to nothing. */
export const admit = (admission: Admission): Middleware => {
  const pass = (ctx: Context, next: Next): Promise<void> => {
    const place = new RequestPlace(admission);
    ctx.state.place = place;
    return next().then(
      () => {
        place.leave();
        // More than the connection takes at once: what is left waits for its reader.
        if ((ctx.state.notes.bytesOut ?? 0) > HOP_BYTES) ctx.state.server.connections.wait(ctx.req.socket);
      },
      (error: unknown) => {
        place.leave();
        throw error;
      },
    );
  };

  return (ctx, next) => {
    const turn = admission.enter(ctx.state.signal);
    return turn ? turn.then(() => pass(ctx, next)) : pass(ctx, next);
  };
};

/** What is told to those who come, wait or are not done when the relay stops. */
export const shuttingDown = (): RelayError =>
  new RelayError('UNAVAILABLE', 'The relay is shutting down; try again in a few seconds.', {
    reason: 'server_shutting_down',
    retryAfterMs: 5000,
  });
