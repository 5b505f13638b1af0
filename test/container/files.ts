/** The container's files, read as far as these tests need it. */
import { readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);

const read = (name: string): string => readFileSync(new URL(name, ROOT), 'utf8');

export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** The stages of the Dockerfile, each with its FROM first. What stands before the first one is the stage ''. */
export const readDockerfile = (): Instruction[][] => {
  const stages: Instruction[][] = [[]];
  const text = read('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ');
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`not an instruction: ${line}`);
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, rest: rest.trim() });
  }
  return stages;
};

export const listOf = (rest: string): string[] => JSON.parse(rest) as string[];

/** Whether a path gets into the image's build, by the rules of Docker: the last line that fits decides. */
export const isSent = (path: string): boolean => {
  let sent = true;
  for (const line of read('.dockerignore').split('\n')) {
    const pattern = line.trim();
    if (pattern === '' || pattern.startsWith('#')) continue;
    const isException = pattern.startsWith('!');
    if (toPattern(isException ? pattern.slice(1) : pattern).test(path)) sent = isException;
  }
  return sent;
};

/** A folder stands for all that is in it. */
const toPattern = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('**/')
      .map((part) =>
        part
          .split('*')
          .map((text) => RegExp.escape(text))
          .join('[^/]*'),
      )
      .join('(?:.*/)?')}(?:/.*)?$`,
  );

export type Yaml = string | readonly Yaml[] | { readonly [name: string]: Yaml };

/** The YAML of the Compose file: maps and lists by indentation, lists in brackets, plain and quoted scalars. */
export const readCompose = (): Yaml => {
  const lines = read('docker-compose.yml')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*#/.test(line))
    .map((line) => ({ indent: line.search(/\S/), text: line.trim() }));
  let at = 0;

  const block = (indent: number): Yaml => {
    const items: Yaml[] = [];
    const map: Record<string, Yaml> = {};
    for (let line = lines[at]; line?.indent === indent; line = lines[at]) {
      if (line.text.startsWith('- ')) {
        // The item may be a map of its own that begins behind the dash.
        const inner = { indent: indent + 2, text: line.text.slice(2) };
        if (/^\w+: /.test(inner.text)) {
          lines[at] = inner;
          items.push(block(indent + 2));
        } else {
          items.push(scalar(inner.text));
          at += 1;
        }
        continue;
      }
      const [, name = '', value = ''] = /^([\w-]+):(?: (.*))?$/.exec(line.text) ?? [];
      if (name === '') throw new Error(`not understood: ${line.text}`);
      at += 1;
      const next = lines[at];
      map[name] = value !== '' ? scalar(value) : next && next.indent > indent ? block(next.indent) : '';
    }
    return items.length > 0 ? items : map;
  };
  return block(0);
};

const scalar = (text: string): Yaml => {
  const list = /^\[(.*)\]$/.exec(text)?.[1];
  if (list !== undefined) return list.split(',').map((item) => scalar(item.trim()));
  return /^'.*'$/.test(text) ? text.slice(1, -1) : text;
};
