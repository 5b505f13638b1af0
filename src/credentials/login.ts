/** The one-time login: from the terms notice to a login on disk. The script only hands in the terminal and the settings. */
import { RelayError } from '../errors.ts';
import { codeOf } from '../errors/errno.ts';
import { silentLogger } from '../log.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { createAccessTokens } from './access-token.ts';
import type { AccessTokens } from './access-token.ts';
import { replaceFile } from './file.ts';
import { PUBLIC_CLIENT } from './google-client.ts';
import { emailIn, userinfo } from './login-account.ts';
import { writeLoginCommand } from './login-arguments.ts';
import type { LoginOptions } from './login-arguments.ts';
import { askInBrowser } from './login-browser.ts';
import { AGAIN, FORCED, LoginFailure } from './login-failure.ts';
import { importLogin } from './login-import.ts';
import type { LoginNeeds } from './login-needs.ts';
import { FAILURE, SUCCESS } from './login-pages.ts';
import { accepted, clockSentence, isClockOff, readLoginFile } from './login-steps.ts';
import { openStore } from './store.ts';
import type { TokenAnswer } from './token-endpoint.ts';

/** Returns the exit code. Whatever goes wrong is one sentence on the terminal, and leaves the old login as it was. */
export const login = async (options: LoginOptions, needs: LoginNeeds): Promise<number> => {
  const { say } = needs.terminal;
  for (const line of TERMS) say(line, 'quiet');
  try {
    if (needs.variableIsSet) say(VARIABLE_WINS);
    if (await keepsExisting(options, needs)) return EXIT.done;
    const email = options.importFrom ? await takeOver(options.importFrom.file, needs) : await browse(options, needs);
    say(`Logged in${email === undefined ? '' : ` as ${email}`}. The login is kept in ${needs.file}.`, 'good');
    const next = await reportAccount(needs);
    if (needs.variableIsSet) say(VARIABLE_WINS);
    else if (needs.servesNext !== true || next !== SERVE) say(`Next: ${next}`);
    return EXIT.done;
  } catch (error) {
    if (needs.signal.aborted) {
      say(needs.keptBefore === true ? UNFINISHED : 'Interrupted. Nothing was changed.', 'bad');
      return EXIT.interrupted;
    }
    if (!(error instanceof LoginFailure)) throw error;
    say(needs.isElsewhere === true ? error.message : sentenceOf(error, options), 'bad');
    return EXIT.failed;
  }
};

/** Advice repeats the flags that were given: whoever wanted them once wants them again. */
const sentenceOf = ({ message, again, lead }: LoginFailure, options: LoginOptions): string =>
  again === undefined ? message : `${message} ${lead}: ${writeLoginCommand({ ...options, ...again })}`;

const TERMS = [
  "Please read first: Google's terms forbid third-party programs to use Gemini CLI's login with Code Assist, and accounts " +
    'have been suspended for it. Doors that the terms allow: an API key (UPSTREAM=gemini-api with GEMINI_API_KEY), or ' +
    'Vertex AI in a project of your own (UPSTREAM=vertex). One owner, one account: go on only with an account of yours.',
  '',
];

const UNFINISHED = 'The login was not finished; `.env` keeps what you entered.';

const VARIABLE_WINS =
  'Note: GEMINI_CREDENTIALS is set and wins over the file. Remove it, or the relay will not use this login.';

const LOOK_LIMIT_MS = 10_000;

/** Why nobody knows whether the login works; undefined where Google has said that it does not. */
const troubleIn = (error: unknown): string | undefined => {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `no answer within ${LOOK_LIMIT_MS / 1000} s`;
  if (!(error instanceof RelayError)) throw error;
  if (error.reason !== 'token_unavailable') return undefined;
  return error.cause instanceof Error ? error.cause.message : error.message;
};

const CHECK_LATER = 'Try again in some minutes, or replace it with --force';

/** True: there is a login that works, or one that must not be touched without being told to. */
const keepsExisting = async (options: LoginOptions, needs: LoginNeeds): Promise<boolean> => {
  const { file, terminal, signal } = needs;
  const existing = await readLoginFile(file);
  if (options.force || !existing) return false;
  if (existing.kind === 'adc') {
    throw new LoginFailure(
      `${file} is a file of type ${existing.type}, not a login, and is left alone. Name another file in ` +
        'GOOGLE_APPLICATION_CREDENTIALS.',
      FORCED,
      'To replace it all the same',
    );
  }
  if (existing.kind === 'invalid') {
    if (existing.problem === 'is empty') return false;
    throw new LoginFailure(`${file} ${existing.problem}. It is left alone.`, FORCED, 'To replace it');
  }
  const store = await openStore({ ...needs, path: file, log: silentLogger });
  const tokens = createAccessTokens({ ...needs, store, log: silentLogger });
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOK_LIMIT_MS)]);
    const email = await emailOfWorking(tokens, { ...needs, signal: limit });
    terminal.say(
      `There is a login already${email === undefined ? '' : `, of ${email}`}, in ${file}. It works and is kept.`,
      'good',
    );
    terminal.say(`To replace it: ${writeLoginCommand({ ...options, ...FORCED })}`);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    const trouble = troubleIn(error);
    if (trouble !== undefined) {
      throw new LoginFailure(
        `The login in ${file} cannot be checked now (${trouble}), and is kept.`,
        AGAIN,
        CHECK_LATER,
      );
    }
    terminal.say(`The login in ${file} does not work any more. It stays until the new one is complete.`);
    return false;
  } finally {
    await tokens.close();
  }
};

const emailOfWorking = async (tokens: AccessTokens, needs: LoginNeeds): Promise<string | undefined> => {
  const { token } = await tokens.get(needs.signal);
  const answer = await userinfo(token, needs);
  if (answer.status !== 401) return answer.email;
  tokens.discard(token);
  return (await userinfo((await tokens.get(needs.signal)).token, needs)).email;
};

const takeOver = async (file: string | undefined, needs: LoginNeeds): Promise<string | undefined> => {
  const { text, tokens } = await importLogin(file, needs);
  await save(text, needs);
  return emailOf(tokens, needs);
};

const browse = async (options: LoginOptions, needs: LoginNeeds): Promise<string | undefined> => {
  const { outcome, clockOffMs, finish } = await askInBrowser(options, needs);
  try {
    const tokens = accepted(outcome, clockOffMs);
    if (tokens.refreshToken === undefined) {
      throw new LoginFailure(
        'Google sent no refresh token, so the login would end within the hour, and is not kept. Remove the access at ' +
          'https://myaccount.google.com/permissions and try once more.',
        AGAIN,
      );
    }
    await save(newFile(tokens, needs), needs);
    await finish(SUCCESS);
    if (isClockOff(clockOffMs)) needs.terminal.say(clockSentence(clockOffMs));
    return await emailOf(tokens, needs);
  } catch (error) {
    await finish(FAILURE);
    throw error;
  }
};

const emailOf = async (tokens: TokenAnswer, needs: LoginNeeds): Promise<string | undefined> =>
  (await userinfo(tokens.accessToken, needs)).email ?? emailIn(tokens.extras['id_token']);

/** In Gemini CLI's own format, which every tool of this family reads. */
const newFile = (tokens: TokenAnswer, { oauth, system }: LoginNeeds): string => {
  const fields = {
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    ...tokens.extras,
    expiry_date: system.now() + tokens.lifetimeMs,
    // A refresh token works with the client that it was made for, so an own client goes along.
    ...(oauth.clientId !== PUBLIC_CLIENT.clientId && { client_id: oauth.clientId, client_secret: oauth.clientSecret }),
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
};

const save = async (text: string, { file, system, files, signal }: LoginNeeds): Promise<void> => {
  signal.throwIfAborted();
  try {
    await replaceFile(file, text, (prefix) => system.newId(prefix), files);
  } catch (error) {
    throw new LoginFailure(
      `The login could not be written to ${file} (${codeOf(error)}). Make the file and its directory writable, or name ` +
        'another file in GOOGLE_APPLICATION_CREDENTIALS.',
      AGAIN,
    );
  }
};

/** What to do next. The login stands whatever comes out here. */
const reportAccount = async (needs: LoginNeeds): Promise<string> => {
  if (!needs.checkAccount) return SERVE;
  const store = await openStore({ ...needs, path: needs.file, log: silentLogger });
  const tokens = createAccessTokens({ ...needs, store, log: silentLogger });
  try {
    const limit = AbortSignal.any([needs.signal, AbortSignal.timeout(CHECK_LIMIT_MS)]);
    const { tier, project } = await needs.checkAccount(tokens, limit);
    needs.terminal.say(
      `Code Assist takes the account: tier ${tier ?? 'not named'}, project ${project ?? 'not named'}.`,
    );
    return SERVE;
  } catch (error) {
    const reason = error instanceof RelayError ? error.message : 'no answer in time.';
    needs.terminal.say(`The login is saved, but Code Assist cannot be used with it now: ${reason}`, 'bad');
    // Trouble that passes, or that a setting ends, needs no other way.
    return error instanceof RelayError && error.reason === 'account_ineligible' ? TAKE_A_KEY : SERVE;
  } finally {
    await tokens.close();
  }
};

const SERVE = 'npm start (a relay that is running already takes the login over).';
const TAKE_A_KEY =
  'a key, which works without Code Assist: make one at https://aistudio.google.com/apikey and put it into .env as ' +
  'GEMINI_API_KEY, with UPSTREAM=gemini-api.';

const CHECK_LIMIT_MS = 60_000;
