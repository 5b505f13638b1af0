/** The login for who sits at no terminal: the same steps, asked for and answered one by one. */
import { failed } from '../errors.ts';
import { refusal } from '../errors/refusal.ts';
import type { Logger } from '../log.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import type { LoginOptions } from './login-arguments.ts';
import type { LoginNeeds } from './login-needs.ts';

export interface LoginState {
  readonly state: 'none' | 'waiting' | 'done' | 'failed';
  /** To be opened in a browser. */
  readonly url: string | null;
  /** What to do next, or what came of it. */
  readonly message: string;
  readonly expires_at: string | null;
}

export interface RemoteLogin {
  state(): LoginState;
  /** One at a time: while one waits for its answer, it is that one. */
  start(): Promise<LoginState>;
  /** The address on which the browser ended, or the code in it. Rejects with a 400 where it is none. */
  finish(pasted: string): Promise<LoginState>;
  close(): Promise<void>;
}

export interface RemoteLoginNeeds extends Omit<LoginNeeds, 'terminal' | 'openBrowser' | 'signal'> {
  readonly log: Pick<Logger, 'error'>;
  /** Called once a new login is on disk. */
  readonly onDone: () => Promise<void>;
}

const WAIT_MS = 600_000;
const NONE: LoginState = { state: 'none', url: null, message: 'No login is under way.', expires_at: null };
const HOW =
  'Open the address, tick all boxes, and come back. Should the browser end on a page that it cannot show, paste the ' +
  'whole address of that page.';

export const createRemoteLogin = (needs: RemoteLoginNeeds): RemoteLogin => {
  let last = NONE;
  let running: Running | undefined;

  const run = (): Running => {
    const expiresAt = new Date(needs.system.now() + WAIT_MS).toISOString();
    const leaving = new AbortController();
    const invited = Promise.withResolvers<undefined>();
    const paste = createPaste();
    let said = '';
    const ended = runLogin(
      // Any free port: where the browser is on this machine the answer comes by itself.
      { port: 0, browser: false, force: true, importFrom: undefined },
      {
        ...needs,
        answerTimeoutMs: WAIT_MS,
        isElsewhere: true,
        openBrowser: () => Promise.resolve(),
        signal: leaving.signal,
        terminal: {
          say: (text, tone) => {
            if (tone === 'address') {
              last = { state: 'waiting', url: text, message: HOW, expires_at: expiresAt };
              invited.resolve(undefined);
            } else if (text !== '') said = text;
          },
          lines: paste.lines(),
        },
      },
    )
      .then(async (isDone) => {
        last = { state: isDone ? 'done' : 'failed', url: null, message: isDone ? DONE : said, expires_at: null };
        if (isDone) await needs.onDone();
      })
      .catch((error: unknown) => {
        needs.log.error('the login of the console failed', { error });
        last = { state: 'failed', url: null, message: 'The login failed. The log has the details.', expires_at: null };
      })
      .finally(() => {
        running = undefined;
        invited.resolve(undefined);
      });
    return {
      invited: invited.promise,
      ended,
      paste,
      said: () => said,
      leave: () => {
        leaving.abort();
      },
    };
  };

  return {
    state: () => last,
    start: async () => {
      if (needs.variableIsSet) {
        throw failed('setting_locked', 'GEMINI_CREDENTIALS is set and wins over any login. Remove it, and restart.');
      }
      running ??= run();
      await running.invited;
      return last;
    },
    finish: async (pasted) => {
      if (!running) throw failed('not_found', 'No login is under way. Begin one first.');
      const { paste, ended, said } = running;
      const isAskedAgain = await Promise.race([paste.give(pasted).then(() => true), ended.then(() => false)]);
      if (isAskedAgain) throw refusal('invalid_value', 'pasted', said());
      return last;
    },
    close: async () => {
      running?.leave();
      await running?.ended;
    },
  };
};

/** Whether it was done. With it comes Google's library, which most relays have no use for until their token expires. */
const runLogin = async (options: LoginOptions, needs: LoginNeeds): Promise<boolean> => {
  const { login } = await import('./login.ts');
  return (await login(options, needs)) === EXIT.done;
};

const DONE = 'Logged in. The relay takes the login over now.';

interface Running {
  readonly invited: Promise<undefined>;
  readonly ended: Promise<void>;
  readonly paste: Paste;
  /** Last. */
  readonly said: () => string;
  readonly leave: () => void;
}

interface Paste {
  lines(): AsyncIterable<string>;
  /** Resolves when another line is asked for: this one was not the answer. */
  give(line: string): Promise<undefined>;
}

const createPaste = (): Paste => {
  let next = Promise.withResolvers<string>();
  let askedAgain = Promise.withResolvers<undefined>();
  let given = Promise.resolve<undefined>(undefined);
  return {
    lines: async function* () {
      for (;;) {
        const line = await next.promise;
        next = Promise.withResolvers();
        yield line;
        askedAgain.resolve(undefined);
      }
    },
    // One after the other: who gave a line is told of that line.
    give: (line) => {
      given = given.then(() => {
        askedAgain = Promise.withResolvers();
        next.resolve(line);
        return askedAgain.promise;
      });
      return given;
    },
  };
};
