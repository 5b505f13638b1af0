import { readFileSync } from 'node:fs';

/** From package.json, the one place where it stands. */
export const readVersion = (): string => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};

/** For people, or for machines. */
export const versionLine = (json: boolean): string =>
  json ? JSON.stringify({ name: 'gemini-cli-relay', version: readVersion() }) : readVersion();

/** How the relay calls itself to Google, unless the owner has another name for it. */
export const userAgentOf = (configured: string | undefined, version = readVersion()): string =>
  configured ?? `gemini-cli-relay/${version}`;
