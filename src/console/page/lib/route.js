/** The screen and its filters live behind the `#`: one address for the relay, and the browser's way back works. */
import { useEffect, useMemo, useState } from 'preact/hooks';

/** @typedef {{ screen: string, query: URLSearchParams }} Route */

/** @param {string} hash @returns {Route} */
export const readRoute = (hash) => {
  const [screen = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { screen: screen === '' ? 'status' : screen, query: new URLSearchParams(query) };
};

/** @param {string} screen @param {Record<string, string | undefined>} [query] */
export const linkTo = (screen, query = {}) => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(/** @type {[string, string][]} */ (given)).toString();
  return `#/${screen}${text === '' ? '' : `?${text}`}`;
};

export const useRoute = () => {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = () => {
      setHash(location.hash);
    };
    addEventListener('hashchange', read);
    // Effects come after the first paint: whoever was quicker has not been heard.
    read();
    return () => {
      removeEventListener('hashchange', read);
    };
  }, []);
  return useMemo(() => readRoute(hash), [hash]);
};

/**
 * A filter that changes leaves no step in the history.
 *
 * @param {string} screen @param {Record<string, string | undefined>} query
 */
export const replaceRoute = (screen, query) => {
  history.replaceState(history.state, '', linkTo(screen, query));
  dispatchEvent(new HashChangeEvent('hashchange'));
};
