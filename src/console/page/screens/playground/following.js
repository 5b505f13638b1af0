import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** So far from the end, one is still there. */
const NEAR_PX = 40;

/**
 * Keeps the end in sight while the list grows, for whoever is there: who has scrolled up reads in peace.
 *
 * @param {unknown} shown Another whenever something was added.
 */
export const useFollowing = (shown) => {
  const end = useRef(/** @type {HTMLDivElement | null} */ (null));
  const isThere = useRef(true);
  useEffect(() => {
    // In a narrow window the page scrolls, and not the list: whichever it is, it is heard here.
    const look = () => {
      if (end.current) isThere.current = isInSight(end.current);
    };
    document.addEventListener('scroll', look, { capture: true, passive: true });
    return () => {
      document.removeEventListener('scroll', look, { capture: true });
    };
  }, []);
  // Before it is painted, so that no scrolling of one's own can come between.
  useLayoutEffect(() => {
    if (isThere.current) end.current?.scrollIntoView({ block: 'nearest' });
  }, [shown]);
  return {
    /** For an element behind the last of the list. */
    end,
    /** From here on, wherever the reader was. */
    follow: () => {
      isThere.current = true;
    },
  };
};

/** @param {HTMLElement} end */
const isInSight = (end) => {
  const { top } = end.getBoundingClientRect();
  const list = end.parentElement?.getBoundingClientRect();
  return top >= 0 && top <= Math.min(list?.bottom ?? innerHeight, innerHeight) + NEAR_PX;
};
