/** A line for a person on a terminal. */
import { escapeControls, OWN, quote, readable } from './text.ts';
import type { ToLine } from './text.ts';

const COLORS: Readonly<Record<string, string>> = { error: '31', warn: '33', info: '32', debug: '90' };

export const prettyLine =
  (colors: boolean): ToLine =>
  (now, level, message, fields) => {
    const paint = (code: string, text: string): string => (colors ? `\u001b[${code}m${text}\u001b[0m` : text);
    const clock = new Date(now).toTimeString().slice(0, 8);
    let line = `${paint('90', clock)} ${paint(COLORS[level] ?? '0', level.padEnd(5))} ${escapeControls(message)}`;
    for (const name in fields) {
      const value = readable(name, fields[name]);
      if (value === undefined || value === '' || OWN.has(name)) continue;
      const text = typeof value === 'string' && !/[\s"=]/.test(value) ? escapeControls(value) : quote(value);
      line += ` ${paint('90', `${escapeControls(name)}=`)}${text}`;
    }
    return line;
  };
