import type { Middleware, Next } from 'koa';
import { createDeadlines } from '../deadlines.ts';
import { RelayError, toRelayError } from '../errors.ts';
import { Roll } from '../roll.ts';
import type { System } from '../system.ts';
import { overloaded } from './memory-budget.ts';

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
  /** Refuses those who wait and all who come. */
  close(reason: RelayError): void;
  readonly active: number;
  readonly queued: number;
}

interface Waiting {
  readonly admit: () => void;
  readonly refuse: (reason: RelayError) => void;
}

export const createAdmission = (limits: AdmissionLimits, system: System): Admission => {
  const queue = new Roll<Waiting>();
  const deadlines = createDeadlines(limits.queueTimeoutMs, system);
  let active = 0;
  let closedFor: RelayError | undefined;

  const wait = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leaveQueue = (): void => {
        queue.leave(place);
        deadlines.stop(deadline);
        signal.removeEventListener('abort', onAbort);
      };
      const refuse = (reason: RelayError): void => {
        leaveQueue();
        reject(reason);
      };
      const onAbort = (): void => {
        refuse(toRelayError(signal.reason));
      };
      const deadline = deadlines.start(() => {
        refuse(overloaded(`The relay was busy for ${limits.queueTimeoutMs} ms`, system.random()));
      });
      const place = queue.enter({
        admit: () => {
          leaveQueue();
          resolve();
        },
        refuse,
      });
      signal.addEventListener('abort', onAbort);
    });

  return {
    enter: (signal) => {
      if (closedFor) throw closedFor;
      if (signal.aborted) throw signal.reason;
      if (active < limits.maxConcurrentRequests) {
        active += 1;
        return undefined;
      }
      if (queue.size >= limits.maxQueuedRequests) {
        throw overloaded('The relay is busy and its queue is full', system.random());
      }
      // Who is admitted from the queue takes over the place of the one who left.
      return wait(signal);
    },
    leave: () => {
      if (queue.first) queue.first.member.admit();
      else active -= 1;
    },
    close: (reason) => {
      closedFor = reason;
      for (const waiting of queue) waiting.refuse(reason);
    },
    get active() {
      return active;
    },
    get queued() {
      return queue.size;
    },
  };
};

/** Stands before the body is read: a refusal costs next to nothing. */
export const admit = (admission: Admission): Middleware => {
  const done = (): void => {
    admission.leave();
  };
  const failed = (error: unknown): never => {
    admission.leave();
    throw error;
  };
  const pass = (next: Next): Promise<void> => next().then(done, failed);

  return (ctx, next) => {
    const turn = admission.enter(ctx.state.signal);
    return turn ? turn.then(() => pass(next)) : pass(next);
  };
};

/** What is told to those who come, wait or are not done when the relay stops. */
export const shuttingDown = (): RelayError =>
  new RelayError('UNAVAILABLE', 'The relay is shutting down; try again in a few seconds.', {
    reason: 'server_shutting_down',
    retryAfterMs: 5000,
  });
