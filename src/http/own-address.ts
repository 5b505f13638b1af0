/** Where a browser or client reaches this relay, as the one who asks has just reached it. */
import type { IncomingMessage } from 'node:http';

/** Without a slash at its end. Headers of proxies are believed only as far as the operator's own proxies go. */
export const ownAddressOf = ({ headers }: IncomingMessage, trustedHops: number): string => {
  const forwarded = (name: string, form: RegExp): string | undefined => {
    if (trustedHops === 0) return undefined;
    const values = String(headers[name] ?? '')
      .split(',')
      .map((value) => value.trim());
    // A proxy that is not the first may have left alone what the one before it wrote.
    const value = values.at(-trustedHops) ?? values[0] ?? '';
    return form.test(value) ? value : undefined;
  };
  const scheme = forwarded('x-forwarded-proto', /^https?$/i)?.toLowerCase() ?? 'http';
  const host = forwarded('x-forwarded-host', HOST) ?? (HOST.test(headers.host ?? '') ? headers.host : 'localhost');
  const prefix = forwarded('x-forwarded-prefix', PREFIX)?.replace(/(?<!\/)\/+$/, '') ?? '';
  return `${scheme}://${host}${prefix}`;
};

const HOST = /^(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
const PREFIX = /^(?:\/[\w.~-]{1,64}){1,16}\/?$/;

/** The same for who has shown no key, in whose page no word of a client's stands: as the connection says. */
export const publicAddressOf = (req: IncomingMessage, trustedHops: number): string => {
  if (trustedHops > 0) return ownAddressOf(req, trustedHops);
  const { localAddress = '', localPort = 0 } = req.socket;
  const address = localAddress.replace(/^::ffff:/, '');
  return `http://${address.includes(':') ? `[${address}]` : address}:${localPort}`;
};
