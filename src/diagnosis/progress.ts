/** A sign of life on a terminal while the network is asked. */
import type { System } from '../system.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MS = 90;
const CLEAR = '\r\u001b[2K';

export interface Progress {
  /** Leaves the line empty for what is printed next. */
  close(): void;
}

/** `what` is being waited for. */
export const createProgress = (write: (text: string) => void, what: () => string, system: System): Progress => {
  const closing = new AbortController();
  let frame = 0;

  const turn = async (): Promise<void> => {
    for (;;) {
      await system.sleep(FRAME_MS, closing.signal);
      write(`${CLEAR}${FRAMES[frame % FRAMES.length] ?? ''} ${what()}`);
      frame += 1;
    }
  };
  // Ends by the signal.
  void turn().catch(() => undefined);

  return {
    close: () => {
      closing.abort();
      if (frame > 0) write(CLEAR);
    },
  };
};

export const noProgress: Progress = { close: () => undefined };
