/** Addresses, all relative to this file: the relay may stand behind a prefix that only the browser knows. */

/** Where `/console/api` is. */
export const API = new URL('../../api/', import.meta.url);

/** Where the relay is. */
export const RELAY = new URL('../../../', import.meta.url);
