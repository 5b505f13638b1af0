import type { System } from '../system.ts';
import type { Say } from '../terminal/speaker.ts';
import type { AccessTokens } from './access-token.ts';
import type { Files } from './file.ts';
import type { Network, OAuthSettings } from './google-client.ts';

export interface Terminal {
  /** One sentence or paragraph; the terminal breaks it into lines. */
  readonly say: Say;
  /** What is typed or pasted. */
  readonly lines: AsyncIterable<string>;
}

export interface AccountReport {
  readonly tier: string | undefined;
  readonly project: string | undefined;
}

export interface LoginNeeds {
  readonly oauth: OAuthSettings;
  readonly userinfoUrl: string;
  /** Where the login goes. */
  readonly file: string;
  /** GEMINI_CREDENTIALS is set, so the relay will not look at the file. */
  readonly variableIsSet: boolean;
  /** Gemini CLI's own folder, `~/.gemini`. */
  readonly geminiHome: string;
  readonly network: Network;
  readonly system: System;
  readonly terminal: Terminal;
  readonly openBrowser: (url: string) => Promise<void>;
  /** What the account may use; throws RelayError with the sentence that says why it may not. */
  readonly checkAccount?: ((tokens: AccessTokens, signal: AbortSignal) => Promise<AccountReport>) | undefined;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** Whoever started the login goes on to serve, and needs not be told to. */
  readonly servesNext?: boolean;
  /** They sit at no terminal: no command is named to them. */
  readonly isElsewhere?: boolean;
  /** They have asked for more than the login, and it is in `.env` already. */
  readonly keptBefore?: boolean;
  readonly answerTimeoutMs?: number;
  readonly files?: Files;
}
