/** A line for a person on a terminal. */
import { escapeControls, OWN, quote, readable } from './text.ts';
import type { Fields, ToLine } from './text.ts';
import { requestHead, REQUEST_HEAD } from './request-head.ts';

const COLORS: Readonly<Record<string, string>> = { error: '31', warn: '33', info: '32', debug: '90' };

export const prettyLine =
  (colors: boolean): ToLine =>
  (now, level, message, fields) => {
    const paint = (code: string, text: string): string => (colors ? `\u001b[${code}m${text}\u001b[0m` : text);
    const clock = paint('90', new Date(now).toTimeString().slice(0, 8));
    const rest = (...but: readonly ReadonlySet<string>[]): string => fieldsOf(fields, but, paint);
    const head = message === 'request' ? requestHead(fields) : undefined;
    if (!head) {
      return `${clock} ${paint(COLORS[level] ?? '0', level.padEnd(5))} ${escapeControls(message)}${rest(OWN)}`;
    }
    return `${clock} ${paint(head.color, escapeControls(head.text))}${rest(OWN, REQUEST_HEAD)} ${paint('90', escapeControls(head.id))}`;
  };

type Paint = (code: string, text: string) => string;

const fieldsOf = (fields: Fields, but: readonly ReadonlySet<string>[], paint: Paint): string => {
  let text = '';
  for (const name in fields) {
    const value = readable(name, fields[name]);
    if (value === undefined || value === '' || but.some((names) => names.has(name))) continue;
    const shown = typeof value === 'string' && !/[\s"=]/.test(value) ? escapeControls(value) : quote(value);
    text += ` ${paint('90', `${escapeControls(name)}=`)}${shown}`;
  }
  return text;
};
