import { useEffect, useState } from 'preact/hooks';

/** One clock for all times in sight. @type {Set<() => void>} */
const watchers = new Set();
/** @type {ReturnType<typeof setInterval> | undefined} */
let timer;

const EVERY_MS = 5000;

const tick = () => {
  for (const watch of watchers) watch();
};

/** Now, again and again. */
export const useNow = () => useClock(Date.now);

/** The beginning of today, of UTC as the relay counts; the page may stay open over midnight. */
export const useToday = () => useClock(today);

/** The same of this hour. */
export const useThisHour = () => useClock(thisHour);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const today = () => Math.floor(Date.now() / DAY_MS) * DAY_MS;
const thisHour = () => Math.floor(Date.now() / HOUR_MS) * HOUR_MS;

/** @param {() => number} read What stays the same draws nothing anew. */
const useClock = (read) => {
  const [now, setNow] = useState(read);
  useEffect(() => {
    const watch = () => {
      setNow(read());
    };
    watchers.add(watch);
    timer ??= setInterval(tick, EVERY_MS);
    return () => {
      watchers.delete(watch);
      if (watchers.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, [read]);
  return now;
};
