/** The login ends here. The message is the sentence for the terminal: what happened, and what to do next. */
export class LoginFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LoginFailure';
  }
}

export const AGAIN = 'Start again with: npm run login';
