/** Sentences for a person: on lines as wide as the terminal, with the commands that work here. */
import { commandsHere } from './commands-here.ts';
import type { Place } from './commands-here.ts';
import { painter } from './console.ts';
import type { Color, Console } from './console.ts';
import { wrapWords } from './wrap.ts';

/** What a sentence is about. */
export type Tone = 'plain' | 'good' | 'bad' | 'quiet' | 'address';

export type Say = (text: string, tone?: Tone) => void;

const COLORS = { good: 'green', bad: 'red', quiet: 'grey', address: 'cyan' } satisfies Record<
  Exclude<Tone, 'plain'>,
  Color
>;

/** Longer lines are hard to read, however wide the window is. */
const WIDEST = 100;

/** The same for machines: a line for each. */
export const createLineSpeaker =
  ({ write }: Pick<Console, 'write'>, place: Place): Say =>
  (text, tone = 'plain') => {
    if (text !== '') write(`${JSON.stringify({ message: commandsHere(text, place), tone })}\n`);
  };

export const createSpeaker = (console: Console, place: Place): Say => {
  const paint = painter(console.colors);
  return (text, tone = 'plain') => {
    const lines = wrapWords(
      commandsHere(text, place),
      console.isTerminal ? Math.min(console.columns, WIDEST) : Infinity,
    );
    const painted = tone === 'plain' ? lines : lines.map((line) => paint(COLORS[tone], line));
    console.write(`${painted.join('\n')}\n`);
  };
};
