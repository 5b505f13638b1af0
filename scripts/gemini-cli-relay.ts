/** What the installed package and the image run: `gemini-cli-relay COMMAND …`. In a checkout each has its `npm run`. */
import { isatty } from 'node:tty';
import { closest } from '../src/config/spelling.ts';
import { COMMANDS, type CommandName } from '../src/terminal/commands.ts';
import { EXIT } from '../src/terminal/exit-codes.ts';
import { notUnderstood } from '../src/terminal/mistake.ts';
import { isHelpWord } from '../src/terminal/options.ts';
import { outliveReaders } from '../src/terminal/readers.ts';
import { versionLine } from '../src/version.ts';

const [STDIN, STDOUT] = [0, 1];

/** Each reads the rest of the command line, runs, and ends the process with its code. */
const LOAD: Readonly<Record<CommandName, () => Promise<unknown>>> = {
  serve: async () => {
    if (isatty(STDIN) && isatty(STDOUT)) await (await import('./first-run.ts')).askWhatThereIs();
    await import('../src/main.ts');
  },
  demo: () => import('./demo.ts'),
  login: () => import('./login.ts'),
  health: () => import('./health-check.ts'),
  keys: () => import('./keys.ts'),
  usage: () => import('./usage.ts'),
  completion: () => import('./completion.ts'),
  alive: () => import('./liveness.ts'),
};

const names = Object.keys(COMMANDS) as CommandName[];

const general = (): string => {
  const width = Math.max(...names.map((name) => name.length));
  return [
    'gemini-cli-relay [COMMAND] [options]',
    '',
    ...names.map((name) => `  ${name.padEnd(width)}   ${COMMANDS[name].what}`),
    '',
    'Without a command it serves. COMMAND --help tells the options of each, --version the version.',
  ].join('\n');
};

const noCommand = (word: string): string => {
  const meant = closest(word, names);
  return `there is no command ${word}${meant === undefined ? '' : `; the nearest is ${meant}`}`;
};

const [word, ...rest] = process.argv.slice(2);
const about = isHelpWord(word) ? names.find((one) => one === rest[0]) : undefined;
const name = about ?? names.find((one) => one === word);
if (name !== undefined) {
  if (about === undefined) process.argv.splice(2, 1);
  // `help keys` is `keys help`.
  else process.argv.splice(3, 1);
  void LOAD[name]();
} else if (word === undefined || (word.startsWith('-') && word !== '--help' && word !== '-h' && word !== '--version')) {
  void LOAD.serve();
} else if (word === '--version' && rest.every((more) => more === '--json')) {
  console.log(versionLine(rest.length > 0));
} else if (word === '--help' || word === '-h' || isHelpWord(word)) {
  console.log(general());
} else {
  outliveReaders();
  const problem =
    word === '--version' ? `the word ${rest.find((more) => more !== '--json') ?? ''} is one too many` : noCommand(word);
  process.stderr.write(notUnderstood(problem, general()));
  process.exitCode = EXIT.usage;
}
