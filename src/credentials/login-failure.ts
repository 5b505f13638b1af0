import type { LoginOptions } from './login-arguments.ts';

/** The login ends here. The message is the sentence for the terminal: what happened, and what to do next. */
export class LoginFailure extends Error {
  /** The way out is the same command with these changes: the end of the message names it, with the flags it was given. */
  readonly again: Partial<LoginOptions> | undefined;
  /** How the command is introduced. */
  readonly lead: string;

  constructor(message: string, again?: Partial<LoginOptions>, lead = 'Start again with') {
    super(message);
    this.name = 'LoginFailure';
    this.again = again;
    this.lead = lead;
  }
}

/** Nothing to change: the same command may work the next time. */
export const AGAIN = {} as const;
/** There is nothing to take over, so the login goes by Google's page. */
export const WITHOUT_IMPORT = { importFrom: undefined } as const;
export const FORCED = { force: true } as const;
