/** Reads out of an answer that passes by what Google has made, and keeps whose it is before the client knows of it. */
import type { Made } from '../../gemini/kept-kinds.ts';
import type { Resources } from '../../gemini/resources.ts';
import { readUsage } from '../../gemini/usage.ts';
import type { TokenUsage } from '../../gemini/usage.ts';
import { watchJson } from '../../json/watch.ts';

export interface BindingNeeds {
  readonly resources: Pick<Resources, 'bind' | 'ownerOf'>;
  readonly now: () => number;
}

/** What is to become of the tokens that an answer tells. */
export interface Counting {
  /** As far as they are known. */
  soFar(usage: TokenUsage): void;
  /** Once the answer is over, and what it tells of as well. `model` that did it, where it is named. */
  whole(name: string, usage: TokenUsage, model: string | undefined): Promise<void>;
}

export interface Owning {
  readonly door: string;
  readonly owner: string;
}

/** Each piece goes on as soon as what it names is kept: nothing is held but the piece in which a name ends. */
export async function* bindAll(
  body: AsyncIterable<Buffer>,
  made: Made,
  { door, owner }: Owning,
  { resources, now }: BindingNeeds,
  counting: Counting | undefined,
): AsyncGenerator<Buffer> {
  const names = new Set<string>();
  let endsAt = now() + made.lastsMs;
  const news = { isThere: false };
  const counts: Record<string, number> = {};
  const said: Record<string, string> = {};
  const paths = [...Object.keys(made.names), ...made.ends, ...(counting ? COUNTED_PATHS : [])];
  const watch = watchJson(paths, (path, value) => {
    const usage = USAGE.exec(path)?.[1];
    const saying = SAYING.exec(path)?.[1];
    const name = made.names[path]?.(value);
    if (usage !== undefined) counts[usage] = Number(value);
    else if (saying !== undefined) said[saying] = value;
    else if (made.ends.includes(path)) {
      const time = Date.parse(value);
      if (Number.isNaN(time)) return;
      endsAt = time;
      news.isThere ||= names.size > 0;
    } else if (name !== undefined && !names.has(name)) {
      names.add(name);
      news.isThere = true;
    }
  });
  for await (const bytes of body) {
    watch.push(bytes);
    if (news.isThere) {
      news.isThere = false;
      for (const name of names)
        if (await isFree(name, owner, resources)) await resources.bind({ name, door, owner, endsAt });
    }
    if (counts['input'] !== undefined) counting?.soFar(toUsage(counts));
    yield bytes;
  }
  const [name] = names;
  const isOver = counts['input'] !== undefined && said['status'] !== 'in_progress';
  if (isOver && name !== undefined) await counting?.whole(name, toUsage(counts), said['model']);
}

/** An answer may repeat what a request named: it is nobody's by that. */
const isFree = async (name: string, owner: string, { ownerOf }: BindingNeeds['resources']): Promise<boolean> => {
  try {
    const before = await ownerOf(name);
    return before === undefined || before === owner;
  } catch {
    return false;
  }
};

const USAGE = /^(?:interaction\.)?usage\.total_(input|cached|output|thought)_tokens$/;
const SAYING = /^(?:interaction\.)?(status|model)$/;
const COUNTED_PATHS = ['', 'interaction.'].flatMap((place) => [
  ...['input', 'cached', 'output', 'thought'].map((count) => `${place}usage.total_${count}_tokens`),
  ...['status', 'model'].map((word) => `${place}${word}`),
]);

const toUsage = ({ input = 0, cached = 0, output = 0, thought = 0 }: Record<string, number>): TokenUsage =>
  readUsage({
    promptTokenCount: input,
    cachedContentTokenCount: cached,
    candidatesTokenCount: output,
    thoughtsTokenCount: thought,
  });
