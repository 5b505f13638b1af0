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
export const useNow = () => {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const watch = () => {
      setNow(Date.now());
    };
    watchers.add(watch);
    timer ??= setInterval(tick, EVERY_MS);
    return () => {
      watchers.delete(watch);
      if (watchers.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
  return now;
};
