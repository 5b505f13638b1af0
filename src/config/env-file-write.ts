/** Settings written into `.env`: beside what stands there, for the owner's eyes alone. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { decodeEnvText, parseEnvText } from './env-text.ts';

/** Adds one line for each; a line that sets the same name before is left, and the new one wins. */
export const addToEnvFile = (settings: Readonly<Record<string, string>>, path = '.env'): void => {
  const before = existsSync(path) ? decodeEnvText(readFileSync(path)) : '';
  const end = before.includes('\r\n') ? '\r\n' : '\n';
  const gap = before === '' || before.endsWith('\n') ? '' : end;
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quoted(name, value)}${end}`);
  writeFileSync(path, `${before}${gap}${lines.join('')}`, { mode: 0o600 });
  chmodSync(path, 0o600);
};

/** Bare where the reader takes it so, else in single quotes. */
const quoted = (name: string, value: string): string =>
  parseEnvText(`${name}=${value}`)[name] === value ? value : `'${value}'`;
