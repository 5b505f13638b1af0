/** The list of requests: older ones by the page, new ones as they end. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useConsole } from '../../lib/console.js';
import { toneOfRequest } from './state.js';

const PAGE = 500;
/** More than this nobody reads; the oldest go first. */
const MOST = 10_000;
const GATHER_MS = 200;

/** @typedef {{ rows: readonly any[], waiting: readonly any[], next: string | null, isLoading: boolean, error?: unknown }} List */

/** @type {List} */
const NOTHING = { rows: [], waiting: [], next: null, isLoading: true };

/** @param {Record<string, string>} filters */
const queryOf = (filters) => {
  const query = new URLSearchParams({ limit: String(PAGE) });
  for (const [name, value] of Object.entries(filters)) if (value !== '') query.set(name, value);
  return query;
};

/** Whether a request that has just ended belongs here. @param {any} row @param {Record<string, string>} filters */
export const fits = (row, { key = '', model = '', door = '', status = '' }) =>
  (key === '' || row.key === key) &&
  (model === '' || row.model === model) &&
  (door === '' || row.door === door) &&
  fitsStatus(row, status);

/** @param {any} row @param {string} status */
const fitsStatus = (row, status) => {
  const tone = toneOfRequest(row);
  if (status === '') return true;
  if (status === 'ok') return tone === 'good';
  if (status === 'error') return tone === 'bad' || tone === 'warn';
  if (/^[45]xx$/.test(status)) return String(row.status).startsWith(status.charAt(0));
  return String(row.status) === status;
};

/** @param {Record<string, string>} filters */
export const useRequests = (filters) => {
  const { api, live } = useConsole();
  const [list, setList] = useState(NOTHING);
  const [isLive, setLive] = useState(live.isOpen());
  const isAtTop = useRef(true);
  const isAsking = useRef(false);
  /** Those that ended while the list was asked for: the answer may not know of them. */
  const meanwhile = useRef(/** @type {readonly any[]} */ ([]));

  const reload = useCallback(async () => {
    meanwhile.current = [];
    try {
      const { rows, next } = await api.get(`requests?${queryOf(filters)}`);
      const told = withNew({ ...NOTHING, rows }, meanwhile.current, true);
      return { rows: told.rows, next, waiting: [], isLoading: false, error: undefined };
    } catch (error) {
      return { error };
    }
  }, [api, filters]);

  useEffect(() => {
    let isOver = false;
    // What does not belong here any more goes at once, also where the answer takes its time or never comes.
    setList(({ rows }) => {
      const fitting = rows.filter((row) => fits(row, filters));
      return { ...NOTHING, rows: fitting, isLoading: fitting.length === 0 };
    });
    void reload().then((change) => {
      if (!isOver) setList((before) => ({ ...before, ...change }));
    });
    return () => {
      isOver = true;
    };
  }, [reload, filters]);

  useEffect(() => {
    /** @type {import('../../lib/answers.d.ts').RequestRow[]} */
    let arrived = [];
    let isOver = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    // What ends within one moment is drawn once.
    const take = () => {
      timer = undefined;
      const some = arrived.reverse();
      arrived = [];
      setList((before) => withNew(before, some, isAtTop.current));
    };
    const stop = live.listen(({ name, data }) => {
      if (name !== 'request' || !fits(data, filters)) return;
      arrived.push(data);
      meanwhile.current = [data, ...meanwhile.current].slice(0, PAGE);
      timer ??= setTimeout(take, GATHER_MS);
    });
    // What ended before the stream was there, or while it was away, was told to nobody.
    const catchUp = async () => {
      const told = await reload();
      if (isOver || told.rows === undefined) return;
      setList((before) =>
        before.error === undefined ? withNew(before, told.rows, isAtTop.current) : { ...before, ...told },
      );
    };
    const stopWatching = live.watch((isOpen) => {
      setLive(isOpen);
      if (isOpen) void catchUp();
    });
    return () => {
      isOver = true;
      stop();
      stopWatching();
      clearTimeout(timer);
    };
  }, [live, filters, reload]);

  const more = useCallback(async () => {
    const { next, rows } = list;
    if (next === null || isAsking.current || rows.length >= MOST) return;
    isAsking.current = true;
    try {
      const query = queryOf(filters);
      query.set('before', next);
      const page = await api.get(`requests?${query}`);
      setList((before) =>
        before.next === next ? { ...before, rows: [...before.rows, ...page.rows], next: page.next } : before,
      );
    } catch (error) {
      setList((before) => ({ ...before, error }));
    } finally {
      isAsking.current = false;
    }
  }, [api, filters, list.next, list.rows]);

  return {
    ...list,
    isLive,
    newCount: list.waiting.length,
    more,
    reload: () => {
      void reload().then((change) => {
        setList((before) => ({ ...before, ...change }));
      });
    },
    showNew: () => {
      setList((before) => withNew({ ...before, waiting: [] }, before.waiting, true));
    },
    setAtTop: (/** @type {boolean} */ isTop) => {
      isAtTop.current = isTop;
      if (isTop)
        setList((before) =>
          before.waiting.length > 0 ? withNew({ ...before, waiting: [] }, before.waiting, true) : before,
        );
    },
  };
};

/**
 * While one reads further down, new rows wait: nothing moves under the eye.
 *
 * @param {List} list @param {readonly any[]} some Newest first. @param {boolean} isAtTop @returns {List}
 */
export const withNew = (list, some, isAtTop) => {
  const known = new Set([...list.rows.slice(0, PAGE), ...list.waiting].map(({ id }) => id));
  const fresh = some.filter(({ id }) => !known.has(id));
  if (fresh.length === 0) return list;
  return isAtTop
    ? { ...list, rows: [...fresh, ...list.waiting, ...list.rows].slice(0, MOST), waiting: [] }
    : { ...list, waiting: [...fresh, ...list.waiting].slice(0, MOST) };
};
