import { readFileSync } from 'node:fs';

/** From package.json, the one place where it stands. */
export const readVersion = (): string => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};
