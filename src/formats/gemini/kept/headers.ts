/** What is passed on of headers, both ways: what belongs to the thing itself, and nothing of who speaks or how. */
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { Passed } from '../../../gemini/kept.ts';
import type { Headers } from '../../../http/head.ts';
import { ownAddressOf } from '../../../http/own-address.ts';

const OF_REQUESTS = ['content-type', 'accept', 'api-revision', 'range', 'content-range', 'if-range', 'last-event-id'];
const UPLOAD = 'x-goog-upload-';
const OF_ANSWERS = [
  ...['content-type', 'content-range', 'content-disposition', 'accept-ranges', 'etag', 'last-modified', 'range'],
  'api-revision',
];
/** They lead to Google, where nobody but the relay has a key. */
const ADDRESSES = ['x-goog-upload-url', 'x-goog-upload-control-url', 'location'];

export const passedHeaders = ({ headers }: IncomingMessage): Readonly<Record<string, string>> => {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' || name === 'x-goog-upload-url') continue;
    if (name.startsWith(UPLOAD) || name.startsWith('x-upload-') || OF_REQUESTS.includes(name)) passed[name] = value;
  }
  return passed;
};

export const answerHeaders = (ctx: Context, { headers }: Pick<Passed, 'headers'>): Headers => {
  const shown: Headers = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') continue;
    if (ADDRESSES.includes(name)) shown[name] = hereFor(ctx, value);
    else if (name.startsWith(UPLOAD) || OF_ANSWERS.includes(name)) shown[name] = value;
    // What is unpacked on the way has another length.
    else if (name === 'content-length' && headers['content-encoding'] === undefined) shown[name] = value;
  }
  return shown;
};

/** The same address at this relay. */
const hereFor = (ctx: Context, address: string): string => {
  const url = URL.parse(address);
  if (!url) return ownAddressOf(ctx.req, ctx.state.server.trustProxyHops);
  // A key there would be the door's.
  url.searchParams.delete('key');
  // What stands before is a gateway's own.
  const path = /\/(?:resumable\/)?upload\/v1[^]*$/.exec(url.pathname)?.[0] ?? url.pathname;
  return `${ownAddressOf(ctx.req, ctx.state.server.trustProxyHops)}${path}${url.search}`;
};
