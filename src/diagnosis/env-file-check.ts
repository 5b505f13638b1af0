/** `.env`: is it there, does it lie where it is read, and does every line say what its writer meant. */
import { readFileSync } from 'node:fs';
import type { Environment } from '../config.ts';
import { VARIABLES } from '../config/variables.ts';
import { parseEnvText } from '../config/env-file.ts';
import { fail, fromMessage, pass, skip } from './check.ts';
import type { Finding } from './check.ts';
import type { Settings } from './settings.ts';
import { closest } from './spelling.ts';

export const checkEnvFile = (settings: Settings, own: Environment): Finding => {
  const { path, exists, problems, warnings } = settings.envFile;
  const [problem] = problems;
  if (problem !== undefined) return fromMessage(problem, `Put it right, or remove ${path}.`);
  const [misplaced] = warnings;
  if (misplaced !== undefined) {
    return fail(misplaced, `Move it to the folder that the relay is started in, under the name ${path}.`);
  }
  if (!exists) return skip(`there is no ${path}: the settings come from the environment`);
  const text = readText(path);
  return judge(path, parseEnvText(text), text, own);
};

const judge = (path: string, values: Environment, text: string, own: Environment): Finding => {
  const mistakes = [
    ...wrongLines(text),
    ...Object.entries(values).flatMap(([name, value = '']) => wrongEntry(name, value)),
  ];
  if (mistakes.length > 0) {
    return fail(mistakes.map(({ what }) => what).join('; '), [...new Set(mistakes.map(({ fix }) => fix))].join(' '));
  }
  const names = Object.keys(values);
  const covered = names.filter((name) => name in VARIABLES && (own[name] ?? '') !== '' && own[name] !== values[name]);
  const count = `${path}: ${names.length} ${names.length === 1 ? 'variable' : 'variables'}`;
  return pass(covered.length === 0 ? count : `${count}; the environment overrides ${covered.join(', ')}`);
};

interface Mistake {
  readonly what: string;
  readonly fix: string;
}

const NAMES = Object.keys(VARIABLES);
const QUOTES = /^["'`\u2018-\u201f]/;

const wrongEntry = (name: string, value: string): Mistake[] => {
  // Its own check knows all the quoting that works, and tells the position of what does not.
  if (name === 'GEMINI_CREDENTIALS') return [];
  if (QUOTES.test(value.trim())) {
    return [
      {
        what: `the value of ${name} begins with a quotation mark that nothing closes`,
        fix: `Write ${name}=value without quotation marks, or with the same straight one before and behind it.`,
      },
    ];
  }
  const meant = name in VARIABLES ? undefined : closest(name, NAMES);
  if (meant === undefined) return [];
  return [
    { what: `${name} is no setting of the relay; ${meant} is one`, fix: `Write ${meant} in its place, or remove it.` },
  ];
};

/** `NAME: value` is YAML, `set NAME=value` and `$env:NAME = value` are for shells: none of them sets anything here. */
const OTHER_SPELLING = /^[ \t]*(?:set[ \t]+|\$env:)?([A-Za-z_]\w*)[ \t]*([:=])/gim;

const wrongLines = (text: string): Mistake[] =>
  [...text.matchAll(OTHER_SPELLING)].flatMap(([line, name = '', sign = '']) => {
    const plain = sign === '=' && !/^[ \t]*(?:set[ \t]|\$env:)/i.test(line);
    if (plain || !(name.toUpperCase() in VARIABLES)) return [];
    return [{ what: `the line of ${name} is not understood`, fix: `Write it as ${name.toUpperCase()}=value.` }];
  });

const readText = (path: string): string => {
  const bytes = readFileSync(path);
  return bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString('utf16le', 2) : bytes.toString('utf8');
};
