/** The one-time login: from the terms notice to a login on disk. The script only hands in the terminal and the settings. */
import { RelayError } from '../errors.ts';
import { silentLogger } from '../log.ts';
import { createAccessTokens } from './access-token.ts';
import type { AccessTokens } from './access-token.ts';
import { codeOf, replaceFile } from './file.ts';
import { PUBLIC_CLIENT } from './google-client.ts';
import { emailIn, userinfo } from './login-account.ts';
import type { LoginOptions } from './login-arguments.ts';
import { askInBrowser } from './login-browser.ts';
import { AGAIN, LoginFailure } from './login-failure.ts';
import { importLogin } from './login-import.ts';
import type { LoginNeeds } from './login-needs.ts';
import { FAILURE, SUCCESS } from './login-pages.ts';
import { CLOCK_TOLERANCE_MS, accepted, clockSentence, readLoginFile } from './login-steps.ts';
import { openStore } from './store.ts';
import type { TokenAnswer } from './token-endpoint.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Returns the exit code. Whatever goes wrong is one sentence on the terminal, and leaves the old login as it was. */
export const login = async (options: LoginOptions, needs: LoginNeeds): Promise<number> => {
  const { say } = needs.terminal;
  for (const line of TERMS) say(line);
  try {
    if (needs.variableIsSet) say(VARIABLE_WINS);
    if (await keepsExisting(options, needs)) return EXIT.done;
    const email = options.importFrom ? await takeOver(options.importFrom.file, needs) : await browse(options, needs);
    say(`Logged in${email === undefined ? '' : ` as ${email}`}. The login is kept in ${needs.file}.`);
    await reportAccount(needs);
    say(
      needs.variableIsSet ? VARIABLE_WINS : 'Next: npm start (a relay that is running already takes the login over).',
    );
    return EXIT.done;
  } catch (error) {
    if (needs.signal.aborted) {
      say('Interrupted. Nothing was changed.');
      return EXIT.interrupted;
    }
    if (!(error instanceof LoginFailure)) throw error;
    say(error.message);
    return EXIT.failed;
  }
};

const TERMS = [
  "Please read first: Google's terms forbid third-party programs to use Gemini CLI's login with Code Assist, and",
  'accounts have been suspended for it. Ways that the terms allow: an API key (UPSTREAM=gemini-api with GEMINI_API_KEY),',
  'or Vertex AI in a project of your own (UPSTREAM=vertex). One owner, one account: go on only with an account of yours.',
  '',
];

const VARIABLE_WINS =
  'Note: GEMINI_CREDENTIALS is set and wins over the file. Remove it, or the relay will not use this login.';

const FORCE = 'npm run login -- --force';

/** True: there is a login that works, or one that must not be touched without being told to. */
const keepsExisting = async ({ force }: LoginOptions, needs: LoginNeeds): Promise<boolean> => {
  const { file, terminal, signal } = needs;
  const existing = await readLoginFile(file);
  if (force || !existing) return false;
  if (existing.kind === 'adc') {
    throw new LoginFailure(
      `${file} is a file of type ${existing.type}, not a login, and is left alone. Name another file in ` +
        `GOOGLE_APPLICATION_CREDENTIALS, or replace it with: ${FORCE}`,
    );
  }
  if (existing.kind === 'invalid') {
    if (existing.problem === 'is empty') return false;
    throw new LoginFailure(`${file} ${existing.problem}. It is left alone; to replace it: ${FORCE}`);
  }
  const store = await openStore({ ...needs, path: file, log: silentLogger });
  const tokens = createAccessTokens({ ...needs, store, log: silentLogger });
  try {
    const email = await emailOfWorking(tokens, needs);
    terminal.say(
      `There is a login already${email === undefined ? '' : `, of ${email}`}, in ${file}. It works and is kept.`,
    );
    terminal.say(`To replace it: ${FORCE}`);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof RelayError)) throw error;
    if (error.reason === 'token_unavailable') {
      throw new LoginFailure(
        `${error.message} So the login in ${file} cannot be checked, and is kept. To replace it: ${FORCE}`,
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
          `https://myaccount.google.com/permissions and try once more. ${AGAIN}`,
      );
    }
    await save(newFile(tokens, needs), needs);
    await finish(SUCCESS);
    if (Math.abs(clockOffMs) > CLOCK_TOLERANCE_MS) needs.terminal.say(clockSentence(clockOffMs));
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
        `another file in GOOGLE_APPLICATION_CREDENTIALS. ${AGAIN}`,
    );
  }
};

/** The login stands whatever comes out here. */
const reportAccount = async (needs: LoginNeeds): Promise<void> => {
  if (!needs.checkAccount) return;
  const store = await openStore({ ...needs, path: needs.file, log: silentLogger });
  const tokens = createAccessTokens({ ...needs, store, log: silentLogger });
  try {
    const limit = AbortSignal.any([needs.signal, AbortSignal.timeout(CHECK_LIMIT_MS)]);
    const { tier, project } = await needs.checkAccount(tokens, limit);
    needs.terminal.say(
      `Code Assist takes the account: tier ${tier ?? 'not named'}, project ${project ?? 'not named'}.`,
    );
  } catch (error) {
    const reason = error instanceof RelayError ? error.message : 'no answer in time';
    needs.terminal.say(`The login is saved, but Code Assist cannot be used with it now: ${reason}`);
  } finally {
    await tokens.close();
  }
};

const CHECK_LIMIT_MS = 60_000;
