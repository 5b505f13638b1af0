/** Doors of keys of the Gemini API that a client key is bound to, and that there are none of by that name. */
import { readFile } from 'node:fs/promises';
import { DEFAULT_LABEL, joinApiKeys, readApiKeysFile } from '../../config/api-keys.ts';
import type { ApiKey } from '../../config/api-keys.ts';
import type { Config } from '../../config.ts';
import { closest } from '../../config/spelling.ts';

type Keys = Pick<Config['upstream'], 'geminiApiKey' | 'apiKeys' | 'apiKeysFile'>;

/** Undefined where there is nothing to say. A key may come later, or stand in the settings of the relay alone. */
export const unknownDoors = async (doors: readonly string[], keys: Keys): Promise<string | undefined> => {
  const asked = doors.filter((door) => door.startsWith(PREFIX)).map((door) => door.slice(PREFIX.length));
  if (asked.length === 0) return undefined;
  const labels = await labelsOf(keys);
  const unknown = labels && asked.filter((label) => !labels.includes(label));
  if (!labels || unknown?.[0] === undefined) return undefined;
  const meant = closest(unknown[0], labels);
  return (
    `No key of the Gemini API is labelled ${unknown.join(', ')} here: such a door is not used before there is one. ` +
    (labels.length === 0
      ? 'None has a label (GEMINI_API_KEYS).'
      : `The labels that there are: ${listed(labels)}.${meant === undefined ? '' : ` The nearest is ${meant}.`}`)
  );
};

const PREFIX = 'gemini-api:';

/** Of thousands nobody reads more. */
const MOST_NAMED = 20;

const listed = (labels: readonly string[]): string =>
  labels.length <= MOST_NAMED
    ? labels.join(', ')
    : `${labels.slice(0, MOST_NAMED).join(', ')} and ${labels.length - MOST_NAMED} more`;

/** Undefined where they cannot be known: the relay tells of a file that cannot be used. */
const labelsOf = async ({ geminiApiKey, apiKeys, apiKeysFile: path }: Keys): Promise<readonly string[] | undefined> => {
  const ofFile = path === undefined ? [] : await keysIn(path);
  if (!ofFile) return undefined;
  const labelled = joinApiKeys(apiKeys, ofFile).keys;
  const own = geminiApiKey === undefined || labelled.length === 0 ? [] : [{ label: DEFAULT_LABEL, key: geminiApiKey }];
  return joinApiKeys(own, labelled).keys.map(({ label }) => label);
};

const keysIn = async (path: string): Promise<readonly ApiKey[] | undefined> => {
  try {
    const { keys, problems } = readApiKeysFile(await readFile(path, 'utf8'));
    return problems.length > 0 ? undefined : keys;
  } catch {
    return undefined;
  }
};
