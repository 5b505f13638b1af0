import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useConsole } from './console.js';

/**
 * Something that the API tells. What was there stays in sight while it is asked for anew, and when that fails.
 *
 * @template [T=any]
 * @param {string | undefined} path
 * @param {{ everyMs?: number }} [options]
 */
export const useResource = (path, { everyMs } = {}) => {
  const { api } = useConsole();
  const [state, setState] = useState(
    /** @type {{ path?: string, value?: T, answers?: string, error?: unknown }} */ ({}),
  );
  const asking = useRef(/** @type {AbortController | undefined} */ (undefined));

  const reload = useCallback(async () => {
    if (path === undefined) return;
    asking.current?.abort();
    const mine = new AbortController();
    asking.current = mine;
    try {
      const value = await api.get(path, mine.signal);
      if (!mine.signal.aborted) setState({ path, value, answers: path });
    } catch (error) {
      if (!mine.signal.aborted) setState(({ value, answers }) => ({ path, value, answers, error }));
    }
  }, [api, path]);

  useEffect(() => {
    void reload();
    if (everyMs === undefined) return undefined;
    const look = () => {
      if (!document.hidden) void reload();
    };
    const timer = setInterval(look, everyMs);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [reload, everyMs]);

  useEffect(() => () => asking.current?.abort(), []);

  return {
    value: state.value,
    /** The path that the value answers: a former one until the new one is there, and after an error. */
    answers: state.answers,
    error: state.error,
    /** What is shown answers another question, or none. */
    isLoading: path !== undefined && state.path !== path,
    reload,
    /** @param {(value: T) => T} change */
    change: (change) => {
      setState((before) => (before.value === undefined ? before : { ...before, value: change(before.value) }));
    },
  };
};
