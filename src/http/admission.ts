import { createDeadlines } from '../engine/deadlines.ts';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { System } from '../system.ts';
import { overloaded } from './memory-budget.ts';
import { createWaitingLine } from './waiting-line.ts';

/** Read with each request: they may change. */
export interface AdmissionLimits {
  readonly maxConcurrentRequests: number;
  readonly maxQueuedRequests: number;
  readonly queueTimeoutMs: number;
}

/** A request, as far as its place goes. */
export interface Guest {
  readonly state: {
    readonly signal: AbortSignal;
    /** Undefined for who needs none. */
    place?: 'held' | 'left';
  };
}

/** So many requests are answered at a time, so many more wait in order; all others are refused at once. */
export interface Admission {
  /**
   * Stands before the body is read: a refusal costs next to nothing. Undefined for who need not wait. Throws, or rejects,
   * for who is refused. Whether its client is still there is asked by who has waited for something else before.
   */
  readonly enter: (guest: Guest) => Promise<void> | undefined;
  /** When the request has its answer, or dawdles with its body: then others may have the place. */
  readonly leave: (guest: Guest) => void;
  /** Who comes back with the whole of its body. Undefined for who has the place still, or again without waiting. */
  readonly comeBack: (guest: Guest) => Promise<void> | undefined;
  /** Refuses those who wait: others have more time for them. */
  refuseWaiting(reason: RelayError): void;
  /** Refuses those who wait and all who come. */
  close(reason: RelayError): void;
  readonly active: number;
  readonly queued: number;
}

/** A limit that was raised lets in those who wait, also where nobody comes or leaves meanwhile. */
const LOOK_EVERY_MS = 500;

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
  const { line } = queue;
  let active = 0;
  /** As many as there are places for: the limit may have changed. */
  const admitWaiting = (): void => {
    for (let next = line.first; next && active < limits.maxConcurrentRequests; next = line.first) {
      active += 1;
      next.member.admit();
    }
  };
  const clock = createDeadlines(LOOK_EVERY_MS, system);
  let isWatched = false;
  const look = (): void => {
    admitWaiting();
    isWatched = line.size > 0;
    if (isWatched) clock.start(look);
  };
  const watchLimit = (): void => {
    if (isWatched) return;
    isWatched = true;
    clock.start(look);
  };
  let closedFor: RelayError | undefined;

  const wait = async ({ state }: Guest): Promise<void> => {
    if (line.size >= limits.maxQueuedRequests) {
      throw overloaded('The relay is busy and its queue is full', system.random());
    }
    const from = system.monotonic();
    watchLimit();
    try {
      await queue.wait(state.signal);
      state.place = 'held';
    } finally {
      waited(system.monotonic() - from);
    }
  };
  const enter: Admission['enter'] = (guest) => {
    if (closedFor) throw closedFor;
    if (line.size > 0) admitWaiting();
    if (active >= limits.maxConcurrentRequests) return wait(guest);
    active += 1;
    guest.state.place = 'held';
    return undefined;
  };

  return {
    enter,
    leave: ({ state }) => {
      if (state.place !== 'held') return;
      state.place = 'left';
      active -= 1;
      if (line.size > 0) admitWaiting();
    },
    comeBack: (guest) => {
      const { place, signal } = guest.state;
      if (place !== 'left') return undefined;
      if (signal.aborted) throw signal.reason;
      return enter(guest);
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
      return line.size;
    },
  };
};

/** What is told to those who come, wait or are not done when the relay stops. */
export const shuttingDown = (): RelayError =>
  failed('server_shutting_down', 'The relay is shutting down; try again in a few seconds.', { retryAfterMs: 5000 });
