/** One side of a terminal that a command writes to, or the file or program that takes its place. */
export interface Console {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** A terminal whose owner has not asked for none (no-color.org). */
  readonly colors: boolean;
  /** Infinity off a terminal: there, lines are for `grep`. */
  readonly columns: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

export const consoleOf = (
  stream: { write(text: string): boolean; readonly isTTY: boolean; readonly columns?: number },
  env: Environment,
): Console => ({
  write: (text) => stream.write(text),
  isTerminal: stream.isTTY,
  colors: wantsColors(stream.isTTY, env),
  get columns() {
    // Some terminals say 0: they do not know.
    return stream.isTTY ? stream.columns || USUAL_COLUMNS : Infinity;
  },
});

const USUAL_COLUMNS = 80;

export const wantsColors = (isTerminal: boolean, env: Environment): boolean =>
  isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';

export type Color = 'bold' | 'red' | 'green' | 'yellow' | 'cyan' | 'grey';

const CODES = { bold: '1', red: '31', green: '32', yellow: '33', cyan: '36', grey: '90' } satisfies Record<
  Color,
  string
>;

export type Paint = (color: Color, text: string) => string;

export const painter =
  (colors: boolean): Paint =>
  (color, text) =>
    colors && text !== '' ? `\u001b[${CODES[color]}m${text}\u001b[0m` : text;
