/** A report for a bug report: what runs where, set from where, and what the checks found. No secret, no mail address. */
import { access, constants, open } from 'node:fs/promises';
import { arch, platform, release } from 'node:os';
import { dirname } from 'node:path';
import { VARIABLES } from '../config/variables.ts';
import { FileProblem, readSmallFile } from '../credentials/file.ts';
import { codeOf } from '../errors/errno.ts';
import type { Redactor } from '../redactor.ts';
import { painter } from '../terminal/console.ts';
import { readVersion } from '../version.ts';
import type { Check } from './check.ts';
import type { Facts } from './facts.ts';
import { withDoors, toSummary } from './report.ts';
import type { Origin } from './settings.ts';

const TITLE = '# gemini-cli-relay: report for a bug report';

export interface BundleNeeds {
  readonly facts: Facts;
  readonly checks: readonly Check[];
  /** Lines of the log, where it can be read. */
  readonly errors: readonly string[];
  readonly redactor: Redactor;
  readonly home: string;
  readonly writtenAt: number;
}

export const toBundle = ({ facts, checks, errors, redactor, home, writtenAt }: BundleNeeds): string => {
  const lines = [
    TITLE,
    '',
    `Written ${new Date(writtenAt).toISOString()}. Secrets and mail addresses are taken out; please read it once before you share it.`,
    '',
    '## Versions',
    '',
    `- relay ${readVersion()}`,
    `- Node ${process.version}, npm by ${process.env['npm_config_user_agent'] ?? 'none'}`,
    `- ${platform()} ${release()} ${arch()}`,
    '',
    '## Settings',
    '',
    ...facts.origins.map((origin) => `- ${origin.name}: ${describe(origin)}`),
    '',
    '## Checks',
    '',
    toSummary(checks),
    '',
    ...checks.flatMap((check) => withDoors(check, Infinity, painter(false))).map((line) => `    ${line}`),
    '',
    '## Last warnings and errors',
    '',
    ...(errors.length > 0
      ? errors.map((line) => `    ${line}`)
      : ['None are known: the relay runs in no container that can be asked.']),
    '',
  ];
  return maskPeople(redactor.redact(lines.join('\n')), home);
};

/** Settings that say whose account it is are told to be set, no more. */
const describe = ({ name, from, shown }: Origin): string => {
  if (from === 'default') return 'default';
  const { section } = VARIABLES[name];
  const isPersonal = shown === undefined || section === 'credentials' || name === 'NO_PROXY' || name === 'CORS_ORIGIN';
  return isPersonal ? `set (${from})` : `${JSON.stringify(shown)} (${from})`;
};

const MAIL = /[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g;

const maskPeople = (text: string, home: string): string => {
  const masked = text.replaceAll(MAIL, '[mail address]');
  return home.length > 1 ? masked.replaceAll(home, '~') : masked;
};

/** Undefined, or why this file is not written: only an older report is replaced. */
export const bundleProblem = async (path: string): Promise<string | undefined> => {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    return `the folder of ${path} cannot be written to (${codeOf(error)})`;
  }
  try {
    const old = await readSmallFile(path);
    if (!old || old.bytes.toString('utf8').startsWith(TITLE)) return undefined;
    return `${path} exists and is no report of this command: name another file`;
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    return `${path} ${error.message}: name another file`;
  }
};

export const writeBundle = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
};
