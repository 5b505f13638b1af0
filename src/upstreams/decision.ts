/** Which door is taken, and why: the rule of UPSTREAM. */
import type { DoorKind } from '../config.ts';

export type { DoorKind };
export type DoorName = DoorKind | 'none';

export interface Situation {
  readonly kind: 'auto' | DoorKind;
  /** What the credentials of variable or file are. Unusable ones count: falling back in silence would hide them. */
  readonly credentials: 'oauth' | 'adc' | 'missing' | 'invalid';
  /** Application Default Credentials in the credentials file or outside of it. */
  readonly hasAdc: boolean;
  readonly hasApiKey: boolean;
  readonly hasProject: boolean;
}

/** What the owner has to get in with, besides what the settings say. */
export type AtHand = Pick<Situation, 'credentials' | 'hasAdc'>;

export interface Decision {
  readonly name: DoorName;
  /** One sentence. */
  readonly why: string;
}

export const decideDoor = ({ kind, credentials, hasAdc, hasApiKey, hasProject }: Situation): Decision => {
  if (kind !== 'auto') return { name: kind, why: `UPSTREAM is set to ${kind}.` };
  if (credentials === 'oauth') return { name: 'code-assist', why: 'There are OAuth credentials.' };
  if (credentials === 'invalid') {
    return { name: 'code-assist', why: 'There are credentials, though they cannot be read.' };
  }
  if (hasApiKey) return { name: 'gemini-api', why: 'There are no OAuth credentials, and an API key is set.' };
  if ((hasAdc || credentials === 'adc') && hasProject) {
    return {
      name: 'vertex',
      why: 'There are Application Default Credentials, and GOOGLE_CLOUD_PROJECT is set.',
    };
  }
  if (hasAdc || credentials === 'adc') {
    return { name: 'none', why: 'There are Application Default Credentials, but GOOGLE_CLOUD_PROJECT is not set.' };
  }
  return { name: 'none', why: 'There are no credentials and no API key.' };
};

/** For each door that is not taken, what it would need: half a sentence, for whoever wonders. */
export const otherDoors = (situation: Situation): Readonly<Record<string, string>> => {
  const taken = decideDoor(situation).name;
  const others = DOORS.filter(({ name }) => name !== taken);
  return Object.fromEntries(
    others.map(({ name, needs }) => [name, `would need ${spell(lacking(name, needs, situation))}`]),
  );
};

interface OtherDoor {
  readonly name: Exclude<DoorName, 'none'>;
  readonly needs: readonly Need[];
}

interface Need {
  readonly words: string;
  readonly isMet: (situation: Situation) => boolean;
  readonly met: Partial<Situation>;
}

const DOORS: readonly OtherDoor[] = [
  {
    name: 'code-assist',
    needs: [
      {
        words: 'a login (npm run login) with a Code Assist licence',
        isMet: ({ credentials }) => credentials === 'oauth' || credentials === 'invalid',
        met: { credentials: 'oauth' },
      },
    ],
  },
  {
    name: 'gemini-api',
    needs: [{ words: 'GEMINI_API_KEY', isMet: ({ hasApiKey }) => hasApiKey, met: { hasApiKey: true } }],
  },
  {
    name: 'vertex',
    needs: [
      { words: 'GOOGLE_CLOUD_PROJECT', isMet: ({ hasProject }) => hasProject, met: { hasProject: true } },
      {
        words: 'Google Cloud credentials (a service account file, or gcloud auth application-default login)',
        isMet: ({ credentials, hasAdc }) => hasAdc || credentials === 'adc' || credentials === 'oauth',
        met: { hasAdc: true },
      },
    ],
  },
];

/** What is missing; and the word of the owner, where the rule would take another door even then. */
const lacking = (name: DoorName, needs: readonly Need[], situation: Situation): readonly string[] => {
  const missing = needs.filter(({ isMet }) => !isMet(situation));
  const provided = Object.assign({}, situation, ...missing.map(({ met }) => met)) as Situation;
  return [...missing.map(({ words }) => words), ...(decideDoor(provided).name === name ? [] : [`UPSTREAM=${name}`])];
};

const spell = (words: readonly string[]): string =>
  [words.slice(0, -1).join(', '), words.at(-1)].filter((part) => part !== '').join(' and ');
