/** When the relay can serve: asked of its state, which tells no one by itself. */
import type { StatusSource } from '../health.ts';
import type { System } from '../system.ts';

const LOOK_AGAIN_MS = 20;
const WATCH_MS = 500;

/** Until the first answer, good or bad, to what the relay has asked for at its start; so long at most. */
export const firstOutcome = async (
  status: StatusSource,
  system: Pick<System, 'monotonic' | 'sleep'>,
  limitMs: number,
): Promise<void> => {
  const first = status();
  const endsAt = system.monotonic() + limitMs;
  // Trouble on the way leaves the word as it is, and changes the message.
  const isOpen = (): boolean => first.status === 'starting' && status().message === first.message;
  while (isOpen() && system.monotonic() < endsAt) await system.sleep(LOOK_AGAIN_MS);
};

/** Until it is ready, however long that takes. Rejects when the signal is aborted before. */
export const becomesReady = async (
  status: StatusSource,
  system: Pick<System, 'sleep'>,
  signal: AbortSignal,
): Promise<void> => {
  while (status().status !== 'healthy') await system.sleep(WATCH_MS, signal);
};
