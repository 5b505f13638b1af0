import type { Context } from 'koa';

/** Takes `?key=` out of the URL, before anything can log or pass it on. All of its values, in order. */
export const takeUrlKeys = (ctx: Context): readonly string[] => {
  const url = ctx.req.url ?? '';
  const mark = url.indexOf('?');
  // Most have no query, or one like `?alt=sse`, in which no such name stands, not even by escapes.
  if (mark === -1 || !MAY_NAME_KEY.test(url)) return NONE;
  const keys: string[] = [];
  const rest = url
    .slice(mark + 1)
    .split('&')
    .filter((piece) => {
      const [name, value] = splitPiece(piece);
      if (name !== 'key') return true;
      keys.push(value);
      return false;
    });
  if (keys.length === 0) return NONE;
  const clean = rest.length > 0 ? `${url.slice(0, mark)}?${rest.join('&')}` : url.slice(0, mark);
  ctx.req.url = clean;
  ctx.originalUrl = clean;
  ctx.request.originalUrl = clean;
  return keys;
};

const NONE: readonly string[] = [];
const MAY_NAME_KEY = /key|%/;

const splitPiece = (piece: string): readonly [string, string] => {
  const equals = piece.indexOf('=');
  return equals === -1 ? [decode(piece), ''] : [decode(piece.slice(0, equals)), decode(piece.slice(equals + 1))];
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};
