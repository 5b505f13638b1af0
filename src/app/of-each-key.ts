export const USAGE_PATH = '/v1/usage';

/** What each key may ask, of no family of clients. */
export const OF_EACH_KEY = {
  name: 'relay',
  title: 'This relay',
  base: 'with any key',
  endpoints: [{ method: 'GET', path: USAGE_PATH }],
};
