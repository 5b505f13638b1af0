/** The screens, in their order; each is fetched when it is first asked for. */
export const SCREENS = /** @type {const} */ ([
  { id: 'status', group: 'watch', load: async () => (await import('./status.js')).Status },
  { id: 'usage', group: 'watch', load: async () => (await import('./usage.js')).Usage },
  { id: 'requests', group: 'watch', load: async () => (await import('./requests.js')).Requests },
]);

/** @typedef {typeof SCREENS[number]['id']} ScreenId */
