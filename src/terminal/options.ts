/** A command line read so that what is wrong with it can be named. */
import { parseArgs } from 'node:util';

/** `flag` stands alone, `value` takes the next word or what follows its `=`. */
export type OptionKinds = Readonly<Record<string, 'flag' | 'value'>>;

export interface GivenOptions<Kinds extends OptionKinds> {
  readonly flags: ReadonlySet<keyof Kinds>;
  readonly values: ReadonlyMap<keyof Kinds, string>;
  readonly words: readonly string[];
}

/** The letters that stand for an option. */
const SHORT: Readonly<Record<string, string>> = { h: 'help', v: 'verbose' };

/** The word in the place of a command is the same as `--help`; further on it may be a name. */
export const isHelpWord = (word: string | undefined): boolean => word === 'help';

/** A sentence's middle in place of the options where they are not understood: `there is no option --colour`. */
export const readOptions = <Kinds extends OptionKinds>(
  args: readonly string[],
  kinds: Kinds,
): GivenOptions<Kinds> | string => {
  const options = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [
      name,
      {
        type: kind === 'value' ? ('string' as const) : ('boolean' as const),
        ...shortOf(name),
      },
    ]),
  );
  const isHelp = kinds['help'] === 'flag' && isHelpWord(args[0]);
  const { tokens } = parseArgs({
    args: args.slice(isHelp ? 1 : 0),
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const flags = new Set<keyof Kinds>(isHelp ? ['help'] : []);
  const values = new Map<keyof Kinds, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const kind = Object.hasOwn(kinds, token.name) ? kinds[token.name] : undefined;
    if (kind === undefined) return `there is no option ${token.rawName}`;
    if (kind === 'flag' && token.value !== undefined) return `${token.rawName} takes no value`;
    if (kind === 'flag') flags.add(token.name);
    else if (token.value === undefined || token.value === '') return `${token.rawName} lacks its value`;
    else if (values.has(token.name)) return `${token.rawName} is there twice`;
    else values.set(token.name, token.value);
  }
  return { flags, values, words };
};

/** What is wrong with the value of `--port`, where one was given. */
export const portProblem = (port: string | undefined): string | undefined =>
  port === undefined || (/^\d{1,5}$/.test(port) && Number(port) <= 65_535)
    ? undefined
    : '--port takes a number from 0 to 65535';

const shortOf = (name: string): { readonly short?: string } => {
  const letter = Object.keys(SHORT).find((short) => SHORT[short] === name);
  return letter === undefined ? {} : { short: letter };
};
