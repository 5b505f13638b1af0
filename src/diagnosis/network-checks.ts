/** The way to Google: names, connections, proxies, clocks. Only the configured addresses are asked. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isLoopback } from '../config/readers.ts';
import type { Config, Environment } from '../config.ts';
import { isSafeEndpoint } from '../credentials/google-client.ts';
import { codeOf } from '../errors/errno.ts';
import { withoutLogin } from '../proxy-address.ts';
import type { Reply } from '../upstreams/transport.ts';
import { fail, fromError, pass, restingOn, skip, spell } from './check.ts';
import type { Finding } from './check.ts';
import type { Google } from './google.ts';

export const checkProxy = ({ network: { httpsProxy, httpProxy, noProxy } }: Config, env: Environment): Finding => {
  const used = [
    ...(httpsProxy === undefined ? [] : [`https by way of ${withoutLogin(httpsProxy)}`]),
    ...(httpProxy === undefined ? [] : [`http by way of ${withoutLogin(httpProxy)}`]),
  ];
  if (used.length > 0) return pass(`${used.join(', ')}${noProxy === undefined ? '' : '; NO_PROXY: set'}`);
  const unread = ['ALL_PROXY', 'all_proxy'].find((name) => (env[name] ?? '') !== '');
  return unread === undefined
    ? skip('none is set')
    : fail(`${unread} is set, but the relay does not read it`, 'Set HTTPS_PROXY to the same address.');
};

/** A proxy looks names up itself: then its own name is all that has to be known here. */
export const checkDns = async ({ tokenUrl, endpoint }: Google, { network }: Config): Promise<Resolved> => {
  const addresses = [tokenUrl, endpoint].filter((url) => url !== undefined && URL.canParse(url));
  const proxies = [network.httpsProxy, network.httpProxy].filter((proxy) => proxy !== undefined);
  const hosts = new Set((proxies.length > 0 ? proxies : addresses).map((url) => new URL(url ?? '').hostname));
  const names = [...hosts].filter((host) => isIP(host.replace(/^\[|\]$/g, '')) === 0 && !isLoopback(host));
  if (names.length === 0) return skip(hosts.size === 0 ? 'no address is configured' : 'no name has to be looked up');
  const failed = (
    await Promise.all(
      names.map((name) =>
        lookup(name).then(
          () => undefined,
          (error: unknown) => ({ name, code: codeOf(error) }),
        ),
      ),
    )
  ).filter((problem) => problem !== undefined);
  if (failed.length === 0) return pass(names.join(', '));
  return {
    ...fail(
      failed.map(({ name, code }) => `${name} does not resolve (${code})`).join('; '),
      'Check the internet connection and the DNS server of this machine, and the spelling of the address.',
    ),
    unresolved: proxies.length > 0 ? 'all' : failed.map(({ name }) => name),
  };
};

export interface Resolved extends Finding {
  /** The hosts that nobody knows; all of them where it is the proxy. */
  readonly unresolved?: readonly string[] | 'all';
}

export const isUnresolved = (url: string, { unresolved = [] }: Resolved): boolean =>
  unresolved === 'all' || (URL.canParse(url) && unresolved.includes(new URL(url).hostname));

export interface Reached extends Finding {
  /** How far this machine's clock is ahead of the other side's. */
  readonly aheadMs?: number;
}

/** Two addresses that fail alike do so for one reason, and it lies on this side of both. */
export const failsAlike = (one: Reached, other: Reached, urls: readonly (string | undefined)[]): boolean => {
  const hosts = urls.flatMap((url) => (url !== undefined && URL.canParse(url) ? [new URL(url).host] : []));
  const plain = (text: string): string => hosts.reduce((rest, host) => rest.replaceAll(host, 'HOST'), text);
  return one.status === 'fail' && other.status === 'fail' && plain(one.found) === plain(other.found);
};

/** Any answer at all: connecting, TLS and the proxy work. What it says is for other checks. */
export const checkReach = async (
  { transport }: Google,
  url: string,
  now: () => number,
  signal: AbortSignal,
): Promise<Reached> => {
  if (!isSafeEndpoint(url))
    return fail(
      'its address is no https address (http only on this machine)',
      'Log in anew, or put the address right.',
    );
  const { host } = new URL(url);
  const askedAt = now();
  let reply: Reply;
  try {
    reply = await transport.get(url, { headers: { accept: '*/*' }, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    return fromError(error, 'Check the network, proxy and firewall of this machine.');
  }
  const arrivedAt = now();
  reply.discard();
  const theirs = Date.parse(String(reply.headers['date'] ?? ''));
  // The header counts whole seconds, and was written somewhere between the question and the answer.
  const aheadMs = Number.isNaN(theirs) ? {} : { aheadMs: (askedAt + arrivedAt) / 2 - (theirs + 500) };
  return { ...pass(`${host} answers`), ...aheadMs };
};

const MOST_SKEW_MS = 300_000;

export const checkClock = (reached: readonly Reached[]): Finding => {
  const aheadMs = reached.map((finding) => finding.aheadMs).find((ms) => ms !== undefined);
  if (aheadMs === undefined) return restingOn(skip('nobody told the time'), 'token-endpoint', 'upstream-endpoint');
  const off = Math.abs(aheadMs);
  if (off <= MOST_SKEW_MS) return pass(off < 5000 ? 'right' : `${spell(off)} ${aheadMs > 0 ? 'fast' : 'slow'}`);
  return fail(
    `${spell(off)} ${aheadMs > 0 ? 'fast' : 'slow'}: Google refuses tokens of another time`,
    'Set the clock and time zone of this machine, best by its network time service.',
  );
};
