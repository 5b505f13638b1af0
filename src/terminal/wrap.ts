import { COMMANDS } from './commands.ts';

/**
 * Text on lines of at most `width` characters, broken between words, all of them as far in as the first one. A longer word
 * stays whole: it may be an address.
 * A command to paste is one word, too: a line end within would be its end.
 */
export const wrapWords = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  const indentation = /^ */.exec(text)?.[0] ?? '';
  let line = indentation;
  for (const word of text
    .slice(indentation.length)
    .replaceAll(COMMAND, (command) => command.replaceAll(' ', BLANK))
    .split(' ')) {
    if (line !== indentation && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indentation}${word}`;
    } else {
      line = line === indentation ? `${line}${word}` : `${line} ${word}`;
    }
  }
  return [...lines, line].map((whole) => whole.replaceAll(BLANK, ' '));
};

/** Stands for a blank that no line may end at; no text of ours holds it. */
const BLANK = '\u0000';

const NAMES = `(?:${Object.keys(COMMANDS).join('|')})`;

/** What may follow a command's name: options, numbers, placeholders, paths and files, and the command of an image. */
const REST = `(?: (?:-[\\w-]*|(?:relay|gemini-cli-relay\\.cjs)\\b(?: ${NAMES}\\b)?|\\d+\\b|[A-Z]+\\b|[\\w.-]*\\/[\\w./-]+|[\\w-]+\\.[a-z]+\\b))*`;

/** `npm run login -- --port 8085`, `gemini-cli-relay health`, `docker compose exec relay /usr/local/bin/node x.cjs login` */
const COMMAND = new RegExp(
  `\\b(?:(?:npm (?:run )?|docker compose )[a-z]+|(?:npx )?gemini-cli-relay ${NAMES}\\b)${REST}`,
  'g',
);
