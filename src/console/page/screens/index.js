/** The screens, in their order; each is fetched when it is first asked for. */
export const SCREENS = /** @type {const} */ ([
  { id: 'status', group: 'watch', load: async () => (await import('./status.js')).Status },
  { id: 'usage', group: 'watch', load: async () => (await import('./usage.js')).Usage },
  { id: 'requests', group: 'watch', load: async () => (await import('./requests.js')).Requests },
  { id: 'keys', group: 'steer', load: async () => (await import('./keys.js')).Keys },
  { id: 'doors', group: 'steer', load: async () => (await import('./doors.js')).Doors },
  { id: 'models', group: 'steer', load: async () => (await import('./models.js')).Models },
  { id: 'settings', group: 'steer', load: async () => (await import('./settings.js')).Settings },
  { id: 'playground', group: 'try', load: async () => (await import('./playground.js')).Playground },
  { id: 'connect', group: 'try', load: async () => (await import('./connect.js')).Connect },
]);

/** @typedef {typeof SCREENS[number]['id']} ScreenId */
