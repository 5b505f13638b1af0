/** What is asked of somebody who starts the relay for the first time, without anything that leads to Google. */
import { AI_STUDIO } from '../api-key-form.ts';
import type { Say } from '../terminal/speaker.ts';

export interface FirstRunNeeds {
  readonly say: Say;
  /** Undefined at the end of the input. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** What Google says of an API key. */
  readonly checkKey: (key: string) => Promise<KeyCheck>;
  /** Whether it was done. */
  readonly login: () => Promise<boolean>;
  /** Whether this machine has credentials of Google Cloud already, so that a project is all that Vertex AI needs. */
  readonly hasCloudLogin: boolean;
  /** For this start and, unless the words that come back say why not, for all that follow. */
  readonly keep: (settings: Readonly<Record<string, string>>) => string | undefined;
}

export type KeyCheck =
  | { readonly kind: 'good' }
  /** It can't be one, and was not shown to Google. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

const QUESTION = [
  'Nothing leads to Google yet. What do you have?',
  '',
  `  1  an API key of AI Studio (free, one minute: ${AI_STUDIO})`,
  '  2  a Google Cloud project, for Vertex AI',
  '  3  a licence of Code Assist, Standard or Enterprise',
  '  4  nothing of these yet: start without',
  '',
];

/** Ends when the relay can start: with a door to Google, or knowingly without. */
export const firstRun = async (needs: FirstRunNeeds): Promise<void> => {
  for (const line of QUESTION) needs.say(line);
  for (;;) {
    const answer = (await needs.ask('1, 2, 3 or 4: '))?.trim();
    if (answer === '1') return askForKey(needs);
    if (answer === '2') return askForProject(needs);
    if (answer === '3') return logIn(needs);
    if (answer === undefined || answer === '4') return undefined;
    needs.say('A number from 1 to 4, please.', 'bad');
  }
};

const askForKey = async ({ say, ask, checkKey, keep }: FirstRunNeeds): Promise<void> => {
  say('It goes into .env in this folder, for you alone. Enter alone: start without.');
  for (;;) {
    const key = (await ask('The key: '))?.trim();
    if (key === undefined || key === '') {
      say('No key, so the relay starts without a door. Set GEMINI_API_KEY in .env later.', 'bad');
      return;
    }
    const found = await checkKey(key);
    if (found.kind === 'malformed') {
      say('That is no key: one is a single word of letters, digits, dots and dashes.', 'bad');
      continue;
    }
    if (found.kind === 'refused') {
      say(`Google refuses this key: ${found.message}`, 'bad');
      continue;
    }
    if (found.kind === 'unknown') say(`Google could not be asked about it: ${found.message}`, 'bad');
    const isTaken = found.kind === 'good';
    tellKept(say, keep({ GEMINI_API_KEY: key }), {
      kept: isTaken ? 'Google takes the key. It is in .env.' : 'It is kept anyway, in .env.',
      lost: isTaken ? 'Google takes the key.' : '',
    });
    return;
  }
};

/** Google's own rule for their names. */
const PROJECT = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;

const askForProject = async ({ say, ask, keep, login, hasCloudLogin }: FirstRunNeeds): Promise<void> => {
  say('Its id goes into .env in this folder. Enter alone: start without.');
  for (;;) {
    const project = (await ask('The id of the project (my-project-123): '))?.trim();
    if (project === undefined || project === '') {
      say('No project, so the relay starts without a door.', 'bad');
      return;
    }
    if (!PROJECT.test(project)) {
      say('An id is 6 to 30 small letters, digits and dashes, as the console of Google Cloud shows it.', 'bad');
      continue;
    }
    const problem = keep({ UPSTREAM: 'vertex', GOOGLE_CLOUD_PROJECT: project });
    tellKept(say, problem, { kept: 'UPSTREAM=vertex and the project are in .env.', lost: '' });
    if (hasCloudLogin) {
      say('The credentials of Google Cloud on this machine go with it.', 'good');
      return;
    }
    say('Now the login, with an account that may use Vertex AI there.');
    await logIn({ say, login });
    return;
  }
};

const tellKept = (
  say: Say,
  problem: string | undefined,
  { kept, lost }: { readonly kept: string; readonly lost: string },
): void => {
  if (problem === undefined) {
    say(kept, 'good');
    return;
  }
  if (lost !== '') say(lost, 'good');
  say(`.env cannot be written here (${problem}): what you entered holds for this start only.`, 'bad');
};

const logIn = async ({ say, login }: Pick<FirstRunNeeds, 'say' | 'login'>): Promise<void> => {
  say('');
  if (!(await login())) say('There is no login yet. It can be made later: npm run login', 'bad');
};
