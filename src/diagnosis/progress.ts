/** A sign of life on a terminal while the network is asked. */
import type { System } from '../system.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MS = 90;
const CLEAR = '\r\u001b[2K';

export interface Progress {
  /** What is being waited for. */
  show(what: string): void;
  /** Leaves the line empty for what is printed next. */
  clear(): void;
  close(): void;
}

export const createProgress = (write: (text: string) => void, system: System): Progress => {
  const closing = new AbortController();
  let what = '';
  let frame = 0;

  const turn = async (): Promise<void> => {
    for (;;) {
      await system.sleep(FRAME_MS, closing.signal);
      if (what === '') continue;
      write(`${CLEAR}${FRAMES[frame % FRAMES.length] ?? ''} ${what}`);
      frame += 1;
    }
  };
  // Ends by the signal.
  void turn().catch(() => undefined);

  const clear = (): void => {
    if (what !== '') write(CLEAR);
    what = '';
  };
  return {
    show: (next) => {
      what = next;
    },
    clear,
    close: () => {
      clear();
      closing.abort();
    },
  };
};

export const noProgress: Progress = { show: () => undefined, clear: () => undefined, close: () => undefined };
