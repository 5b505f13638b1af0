/** Sends the owner to Google's consent page and waits for the answer, from the browser or from the terminal. */
import { createHash, randomBytes } from 'node:crypto';
import { CodeChallengeMethod } from 'google-auth-library';
import { SCOPES } from './google-client.ts';
import type { LoginNeeds } from './login-needs.ts';
import { createOAuthClient } from './oauth-client.ts';
import { readPasted } from './login-answer.ts';
import type { LoginOptions } from './login-arguments.ts';
import { AGAIN, LoginFailure } from './login-failure.ts';
import { PortProblem, openLoginListener } from './login-listener.ts';
import type { LoginListener, Visit } from './login-listener.ts';
import { NOT_ACCEPTED, insist, isClockOff } from './login-steps.ts';
import { FAILURE, declined } from './login-pages.ts';
import type { Page } from './login-pages.ts';
import { abortable } from './token-keeper.ts';
import { exchangeCode } from './token-endpoint.ts';
import type { TokenOutcome } from './token-endpoint.ts';

export interface BrowserOutcome {
  readonly outcome: TokenOutcome;
  /** How far this computer's clock is ahead of Google's. */
  readonly clockOffMs: number;
  /** Shows the page to the browser that waits, if one does, and closes the door. */
  readonly finish: (page: Page) => Promise<void>;
}

const ANSWER_TIMEOUT_MS = 300_000;

export const askInBrowser = async (options: LoginOptions, needs: LoginNeeds): Promise<BrowserOutcome> => {
  const state = randomBytes(32).toString('base64url');
  const codeVerifier = randomBytes(64).toString('base64url');
  const listener = await listen(options, state, needs);
  const redirectUri = `http://localhost:${listener?.port ?? options.port}`;
  let finish = async (_page: Page): Promise<void> => listener?.close();
  const waiting = openWaiting(listener, state, needs);
  try {
    await invite(addressOf({ redirectUri, state, codeVerifier }, needs), options, needs);
    for (;;) {
      const { answer, show } = await waiting.next();
      finish = async (page) => {
        show?.(page);
        await listener?.close();
      };
      if (answer.kind === 'declined') {
        await finish(declined(answer.error));
        throw new LoginFailure(
          answer.error === 'access_denied'
            ? 'The login was declined on the page of Google, and nothing was changed.'
            : `Google ended the login (${plain(answer.error)}), and nothing was changed.`,
          AGAIN,
        );
      }
      let clockOffMs = 0;
      const exchange = { code: answer.code, codeVerifier, redirectUri };
      const call = (): Promise<TokenOutcome> =>
        exchangeCode(needs.oauth, exchange, needs.network, needs.signal, ({ date }) => {
          if (date !== undefined) clockOffMs = needs.system.now() - date;
        });
      const outcome = await insist(call, needs);
      // What was pasted may be a piece of the code, or one that was used before; the page still gives a good one.
      const mayPasteAgain = outcome.kind === 'revoked' && show === undefined && !isClockOff(clockOffMs);
      if (!mayPasteAgain) return { outcome, clockOffMs, finish };
      waiting.askAgain();
    }
  } catch (error) {
    await finish(FAILURE);
    throw error;
  } finally {
    waiting.close();
  }
};

const ONCE_MORE = `${NOT_ACCEPTED} Open the address above once more, and paste the whole address that it leads to:`;

const addressOf = (
  { redirectUri, state, codeVerifier }: { redirectUri: string; state: string; codeVerifier: string },
  { oauth, network, signal }: LoginNeeds,
): string =>
  createOAuthClient(oauth, network, signal).generateAuthUrl({
    redirect_uri: redirectUri,
    access_type: 'offline',
    // Without it, Google sends no refresh token to an account that has consented before.
    prompt: 'consent',
    scope: [...SCOPES],
    state,
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: CodeChallengeMethod.S256,
  });

const plain = (text: string): string => text.replaceAll(/[^\w. -]/g, '').slice(0, 60);

const listen = async (
  { port, browser }: LoginOptions,
  state: string,
  { terminal, system }: LoginNeeds,
): Promise<LoginListener | undefined> => {
  try {
    return await openLoginListener(port, state, system);
  } catch (error) {
    if (!(error instanceof PortProblem)) throw error;
    const why = error.code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be used (${error.code})`;
    if (browser) {
      throw new LoginFailure(
        `Port ${port} ${why}.`,
        { port: port === 8085 ? 8086 : 8085 },
        'Free it, or take another one',
      );
    }
    terminal.say(`Port ${port} ${why}: the answer can only be pasted.`);
    return undefined;
  }
};

const invite = async (url: string, { browser }: LoginOptions, { terminal, openBrowser }: LoginNeeds): Promise<void> => {
  const opened =
    browser &&
    (await openBrowser(url).then(
      () => true,
      () => false,
    ));
  terminal.say(
    opened
      ? 'Your browser opens the page of Google. If it does not, open this address yourself:'
      : 'Open this address in a browser, on any machine:',
  );
  terminal.say('');
  terminal.say(url, 'address');
  terminal.say('');
  terminal.say(
    'Tick all boxes there. Should the browser end on a page that it cannot show, paste the whole address of that page ' +
      'here (or the value of its `code`):',
  );
};

/** A pasted answer has no page to show. */
type Answered = Pick<Visit, 'answer'> & Partial<Visit>;

interface Waiting {
  /** The next answer, from whichever side comes first. */
  next(): Promise<Answered>;
  /** Google did not take what was pasted. */
  askAgain(): void;
  close(): void;
}

/** One time limit for the whole login, however often something wrong is pasted. */
const openWaiting = (listener: LoginListener | undefined, state: string, needs: LoginNeeds): Waiting => {
  const ended = new AbortController();
  const timeoutMs = needs.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
  const expired = needs.system.sleep(timeoutMs, ended.signal).then((): never => {
    throw new LoginFailure(
      `No answer came within ${Math.ceil(timeoutMs / 60_000)} minutes, and nothing was changed.`,
      { browser: false },
      'Start again, and paste the answer if no browser on this machine brings it',
    );
  });
  const lines = needs.terminal.lines[Symbol.asyncIterator]();
  let isPasting = false;

  /** Reads on after lines that are no answer. When the terminal has ended a browser may still come. */
  const pasted = async (): Promise<Answered> => {
    for (;;) {
      const next = await lines.next();
      if (next.done === true) break;
      const line: string = next.value;
      const answer = readPasted(line, state);
      if (answer.kind === 'code' || answer.kind === 'declined') return { answer };
      if (answer.kind === 'foreign')
        needs.terminal.say('That address belongs to another login. Open the one above, and paste what it leads to:');
      else if (line.trim() !== '')
        needs.terminal.say('That is neither the whole address nor a code. Paste it once more:');
    }
    // Whoever pasted once does not wait for a browser.
    if (isPasting) throw new LoginFailure(NOT_ACCEPTED, AGAIN);
    if (listener) return listener.visit;
    throw new LoginFailure('The terminal ended before an answer came, and nothing was changed.', AGAIN);
  };
  return {
    next: async () => {
      const sources = [expired, pasted(), ...(listener ? [listener.visit] : [])];
      try {
        return await abortable(Promise.race(sources), needs.signal);
      } finally {
        for (const source of sources) source.catch(() => undefined);
      }
    },
    askAgain: () => {
      isPasting = true;
      needs.terminal.say(ONCE_MORE, 'bad');
    },
    close: () => {
      ended.abort();
      expired.catch(() => undefined);
    },
  };
};
