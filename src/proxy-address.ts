/** What the address of a proxy says besides where it is. */

/** Undici reads a login out of the address of a SOCKS proxy, and forgets to decode it. None where two of them differ. */
export const socksLogin = (
  ...proxies: readonly (string | undefined)[]
): { readonly username?: string; readonly password?: string } => {
  const [login, ...others] = new Set(proxies.flatMap((proxy) => /^socks5:\/\/([^/]*)@/.exec(proxy ?? '')?.[1] ?? []));
  if (login === undefined || others.length > 0) return {};
  const { username, password } = new URL(`http://${login}@proxy`);
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
};

/** It may carry a password. */
export const withoutLogin = (proxy: string): string => {
  const url = URL.parse(proxy);
  return url ? `${url.protocol}//${url.host}` : 'the configured proxy';
};
