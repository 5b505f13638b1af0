/** What a `.env` says that its writer cannot have meant. */
import type { Environment } from '../config.ts';
import { closest } from './spelling.ts';
import { VARIABLES } from './variables.ts';

export interface Mistake {
  readonly what: string;
  readonly fix: string;
}

export const findMistakes = (text: string, values: Environment): Mistake[] => [
  ...wrongLines(text),
  ...Object.entries(values).flatMap(([name, value = '']) => wrongEntry(name, value)),
];

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
