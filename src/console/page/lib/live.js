/**
 * One stream of events for all of the page, taken up again when it breaks. Nothing is asked while nobody listens.
 *
 * @param {Pick<import('./api.js').Api, 'events' | 'isOpen'>} api
 */
export const createLive = (api) => {
  /** @type {Set<(happening: Happening) => void>} */
  const listeners = new Set();
  /** @type {Set<(isOpen: boolean) => void>} */
  const watchers = new Set();
  /** @type {AbortController | undefined} */
  let running;
  let isOpen = false;

  /** @param {boolean} value */
  const note = (value) => {
    if (isOpen === value) return;
    isOpen = value;
    for (const watch of watchers) watch(value);
  };

  /** @param {AbortSignal} signal */
  const run = async (signal) => {
    let waitMs = FIRST_WAIT_MS;
    const isOver = () => signal.aborted || !api.isOpen();
    while (!isOver()) {
      try {
        await api.events(
          (happening) => {
            for (const listen of listeners) listen(happening);
          },
          () => {
            note(true);
            waitMs = FIRST_WAIT_MS;
          },
          signal,
        );
      } catch {
        // Whoever asks for something in the meantime is told what is wrong.
      }
      if (isOver()) break;
      note(false);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
    if (!signal.aborted) note(false);
  };

  return {
    isOpen: () => isOpen,
    /** @param {(isOpen: boolean) => void} watch */
    watch: (watch) => {
      watchers.add(watch);
      return () => {
        watchers.delete(watch);
      };
    },
    /** @param {(happening: Happening) => void} listen @returns {() => void} */
    listen: (listen) => {
      listeners.add(listen);
      if (!running) {
        running = new AbortController();
        void run(running.signal);
      }
      return () => {
        listeners.delete(listen);
        if (listeners.size > 0) return;
        running?.abort();
        running = undefined;
        note(false);
      };
    },
  };
};

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

/** @typedef {import('./answers.d.ts').Happening} Happening */
/** @typedef {ReturnType<typeof createLive>} Live */
