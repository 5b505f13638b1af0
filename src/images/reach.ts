/** How a checked address is reached: directly, or through the configured proxy. Names are not resolved here. */
import { isIP, isIPv6 } from 'node:net';
import type { Dispatcher } from 'undici';
import { Agent, wholeUndici } from '../engine/undici.ts';
import { socksLogin } from '../proxy-address.ts';

/** A way to exactly one address. `host` is the name in the URL, which decides whether a proxy stands between. */
export type Reach = (target: { readonly address: string; readonly host: string }) => Dispatcher;

export interface ProxySettings {
  readonly httpsProxy: string | undefined;
  readonly httpProxy: string | undefined;
  readonly noProxy: string | undefined;
}

/** Short, so that of several addresses the second still has its chance within the whole time. */
const CONNECT_TIMEOUT_MS = 3_000;

/** `tls` is for tests, whose server has a certificate of its own. */
export const createReach = (proxies: ProxySettings, tls: { readonly ca?: string } = {}): Reach => {
  const uri = proxies.httpsProxy ?? proxies.httpProxy;
  return ({ host }) => {
    if (uri === undefined || isExempt(host, proxies.noProxy)) {
      return new Agent({ allowH2: false, connect: { ...tls, timeout: CONNECT_TIMEOUT_MS } });
    }
    // Given settings of its own, undici takes the name for the certificate from them alone.
    const requestTls = { ...tls, ...(isNumber(host) ? {} : { servername: host }) };
    const { ProxyAgent } = wholeUndici();
    return new ProxyAgent({ uri, allowH2: false, connectTimeout: CONNECT_TIMEOUT_MS, requestTls, ...socksLogin(uri) });
  };
};

const isNumber = (host: string): boolean => isIP(host.replace(/^\[|\]$/g, '')) !== 0;

/** The origin by number: whoever connects to it, directly or as a proxy, has no name left to look up. */
export const originOf = (address: string): string => (isIPv6(address) ? `https://[${address}]` : `https://${address}`);

/** NO_PROXY: names with everything below them, perhaps with a port, or `*`. */
const isExempt = (host: string, noProxy = ''): boolean =>
  noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const name = entry.replace(/:443$/, '').replace(/^\*?\./, '');
      return entry === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`)));
    });
