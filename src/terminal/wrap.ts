/**
 * Text on lines of at most `width` characters, broken between words. A longer word stays whole: it may be an address.
 * A command to paste is one word, too: a line end within would be its end.
 */
export const wrapWords = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replaceAll(COMMAND, (command) => command.replaceAll(' ', BLANK)).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((whole) => whole.replaceAll(BLANK, ' '));
};

/** Stands for a blank that no line may end at; no text of ours holds it. */
const BLANK = '\u0000';

/** `npm run login -- --port 8085 --import my.json`, `docker compose exec relay /usr/local/bin/node scripts/login.ts` */
const COMMAND =
  /\b(?:npm (?:run )?|docker compose )[a-z]+(?: (?:-[\w-]*|relay\b|\d+\b|[A-Z]+\b|[\w.-]*\/[\w./-]+|[\w-]+\.[a-z]+\b))*/g;
