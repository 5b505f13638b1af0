/** Addresses as we name them in the log, never as the client wrote them: that may hold anything. */
export const createRouteName = (paths: readonly string[]): ((path: string) => string) => {
  const known = new Set(paths);
  const withModel = paths.filter((path) => path.includes('{')).map((path) => ({ path, pattern: toPattern(path) }));
  return (path) =>
    known.has(path) ? path : (withModel.find(({ pattern }) => pattern.test(path))?.path ?? 'unmatched');
};

const toPattern = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/[.*+?^$()[\]\\|]/g, '\\$&').replaceAll(/\{[a-z_]+\}/g, '[^/:%]{1,200}')}$`);
