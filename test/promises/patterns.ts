/** The regular expressions of the sources, and the texts that each of them would take longest for. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const SOURCES = resolve(import.meta.dirname, '../../src');

export interface Pattern {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** Literals are patterns; what is put together while the program runs is told by its place. */
export const findPatterns = (): { readonly literals: readonly Pattern[]; readonly made: readonly string[] } => {
  const literals: Pattern[] = [];
  const made: string[] = [];
  for (const file of globSync('**/*.ts', { cwd: SOURCES, exclude: ['simulator/**'] }).sort()) {
    const text = readFileSync(join(SOURCES, file), 'utf8');
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const end = node.text.lastIndexOf('/');
        literals.push({ place: file, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
      } else if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp') {
        made.push(file);
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  }
  return { literals, made };
};

/** As much of a pattern's grammar as it takes to write texts that it almost matches. */
type Piece =
  | { readonly kind: 'letters'; readonly letters: readonly string[] }
  | { readonly kind: 'words'; readonly choices: readonly (readonly Piece[])[] }
  | { readonly kind: 'many'; readonly piece: Piece };

/** Of each kind of letter that patterns tell apart. */
const LETTERS = Array.from('aZ0_-. \t\n/\\"\'`[](){}<>:;,=@%+*!|#?&$^~é\u2028');
const MOST_LETTERS = 3;
const MOST_WORDS = 4;

const lettersOf = (atom: string, flags: string): readonly string[] => {
  const test = new RegExp(`^(?:${atom})$`, flags.replaceAll(/[gy]/g, ''));
  const named = Array.from(atom).filter((letter) => test.test(letter));
  return [...new Set([...named, ...LETTERS.filter((letter) => test.test(letter))])].slice(0, MOST_LETTERS);
};

/** One atom of a pattern that stands for a single letter. */
const ATOM =
  /\[(?:\\.|[^\]\\])*\]|\\(?:u\{[\da-fA-F]+\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|[pP]\{[^}]*\}|k<\w+>|[^])|[^\\[\]()|]/y;
const OPENING = /\((?:\?(?:[:=!]|<[=!]|<\w+>))?/y;
const QUANTIFIER = /(?:[*+?]|\{\d+(?:,(\d*))?\})\??/y;

const parse = (source: string, flags: string): Piece => {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const readChoices = (): Piece => {
    const choices: Piece[][] = [[]];
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at += 1;
        choices.push([]);
        continue;
      }
      const piece = readPiece();
      if (piece) choices.at(-1)?.push(piece);
    }
    return { kind: 'words', choices };
  };
  const readPiece = (): Piece | undefined => {
    const opening = take(OPENING)?.[0];
    let piece: Piece;
    if (opening !== undefined) {
      piece = readChoices();
      at += 1;
      // What must not be there is no part of a text that almost matches; the same holds for looking back.
      if (opening === '(?!' || opening.startsWith('(?<=') || opening.startsWith('(?<!')) return undefined;
    } else {
      const atom = take(ATOM)?.[0];
      if (atom === undefined) throw new Error(`this reader does not know what stands at ${at} of ${source}`);
      if (atom === '^' || atom === '$' || atom === '\\b' || atom === '\\B') return undefined;
      piece = /^\\(?:\d|k)/.test(atom)
        ? { kind: 'letters', letters: ['a'] }
        : { kind: 'letters', letters: lettersOf(atom, flags) };
    }
    const quantifier = take(QUANTIFIER);
    if (!quantifier || /^(?:\?|\{[01]\})/.test(quantifier[0])) return piece;
    return { kind: 'many', piece };
  };
  return readChoices();
};

/** A few texts that match a piece. */
const wordsOf = (piece: Piece): readonly string[] => {
  if (piece.kind === 'letters') return piece.letters;
  if (piece.kind === 'many') return wordsOf(piece.piece);
  return piece.choices
    .flatMap((choice) => [0, 1, 2].map((variant) => choice.map((each) => pick(wordsOf(each), variant)).join('')))
    .filter((word, index, all) => all.indexOf(word) === index)
    .slice(0, MOST_WORDS);
};

const pick = (words: readonly string[], variant: number): string => words[variant % words.length] ?? '';

/** Each repeated piece with what stands before it: the two places where a pattern begins to try again and again. */
const pumpsOf = (piece: Piece, before: string): { readonly before: string; readonly pump: string }[] => {
  if (piece.kind === 'letters') return [];
  if (piece.kind === 'many') {
    return [...wordsOf(piece).map((pump) => ({ before, pump })), ...pumpsOf(piece.piece, before)];
  }
  return piece.choices.flatMap((choice) => {
    let start = before;
    return choice.flatMap((each) => {
      const found = pumpsOf(each, start);
      start += pick(wordsOf(each), 0);
      return found;
    });
  });
};

/** Texts of about this length that almost match, again and again. */
export function* attacksOn({ source, flags }: Pattern, length: number): Generator<string> {
  const whole = parse(source, flags);
  const pumps = pumpsOf(whole, '');
  const units = new Set<string>(wordsOf(whole));
  for (const { before, pump } of pumps)
    units
      .add(before + pump)
      .add(before)
      .add(pump);
  units.delete('');
  for (const unit of units) yield* withEnds(unit.repeat(Math.ceil(length / unit.length)));
  for (const { before, pump } of pumps) {
    if (before === '' || pump === '') continue;
    yield* withEnds(before + pump.repeat(Math.ceil(length / pump.length)));
  }
}

/** What follows decides whether all was in vain. */
const withEnds = (text: string): readonly string[] => [`${text}\0`, `\0${text}\n\0`];
