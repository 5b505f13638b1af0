/** `gemini-cli-relay completion SHELL`: prints what teaches the shell to complete the relay's commands. */
import { LOGIN_USAGE } from '../src/credentials/login-arguments.ts';
import { HEALTH_USAGE } from '../src/diagnosis/arguments.ts';
import { KEYS_USAGE, KEYS_VERBS } from '../src/keys/command/arguments.ts';
import { START_USAGE } from '../src/program/arguments.ts';
import { DEMO_USAGE } from '../src/program/demo-arguments.ts';
import { COMMANDS } from '../src/terminal/commands.ts';
import type { CommandName } from '../src/terminal/commands.ts';
import { completionFor, optionsIn, SHELLS } from '../src/terminal/completion.ts';
import { EXIT } from '../src/terminal/exit-codes.ts';
import { isHelpWord } from '../src/terminal/options.ts';
import { notUnderstood } from '../src/terminal/mistake.ts';
import { outliveReaders } from '../src/terminal/readers.ts';
import { USAGE_USAGE } from '../src/usage/command/arguments.ts';

const USAGE = `gemini-cli-relay completion SHELL

SHELL is ${SHELLS.join(', ')}. The first line of what is printed says how to use it.`;

const OFFERS: Readonly<Record<CommandName, readonly string[]>> = {
  serve: optionsIn(START_USAGE),
  login: optionsIn(LOGIN_USAGE),
  health: optionsIn(HEALTH_USAGE),
  keys: [...KEYS_VERBS, ...optionsIn(KEYS_USAGE)],
  usage: optionsIn(USAGE_USAGE),
  demo: optionsIn(DEMO_USAGE),
  completion: SHELLS,
  alive: ['--help'],
};

outliveReaders();
const names = Object.keys(COMMANDS) as CommandName[];
const [word, ...more] = process.argv.slice(2);
const shell = SHELLS.find((one) => one === word);

if (isHelpWord(word) || [word, ...more].some((one) => one === '--help' || one === '-h')) {
  console.log(USAGE);
} else if (shell === undefined || more.length > 0) {
  const problem =
    word === undefined ? 'the shell is missing' : `there is no completion for ${[word, ...more].join(' ')}`;
  process.stderr.write(notUnderstood(problem, USAGE));
  process.exitCode = EXIT.usage;
} else {
  const commands = names.map((name) => ({ name, what: COMMANDS[name].what, offers: OFFERS[name] }));
  console.log(completionFor(shell, 'gemini-cli-relay', commands, OFFERS.serve));
}
