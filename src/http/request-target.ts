/** What a request is about, however its client spelled it: a path and a query, and nothing that reading could fail at. */
import type { IncomingMessage } from 'node:http';
import type { Gate } from './gates.ts';

/** Nearly every request's. All that reads addresses takes such a one apart without looking for a host in it. */
const PLAIN = /^\/[!"$-~]*$/;
const HOST = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;
const NOT_PLAIN = /[^!"$-~]/g;

/**
 * A client may name the whole address, as it does to a proxy, and its host may be none: whoever reads that throws. Host and
 * fragment mean nothing here, and are cut off unread.
 */
export const keepPath = (req: Pick<IncomingMessage, 'url'>): void => {
  const { url = '' } = req;
  if (PLAIN.test(url) || url === '*') return;
  const [target = ''] = url.replace(HOST, '').split('#', 1);
  req.url = (target.startsWith('/') ? target : `/${target}`).replace(NOT_PLAIN, encodeURIComponent);
};

/** Without the query. Koa's own reading asks four functions each time. */
export const pathOf = ({ url = '' }: Pick<IncomingMessage, 'url'>): string => {
  const mark = url.indexOf('?');
  return mark === -1 ? url : url.slice(0, mark);
};

/** The path is read where a request begins; what stands before the gates may have given it another, as anywhere in Koa. */
export const asRewritten: Gate = ({ req, originalUrl, state }) => {
  if (req.url !== originalUrl) state.path = pathOf(req);
  return undefined;
};
