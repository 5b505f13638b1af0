/** The licences of all that a bundle holds, as each package brings its own. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[-.]\w+)*$/i;

/** `inputs`: the files of the bundle; `more`: packages that it holds as text. */
export const writeLicences = (root: string, { inputs }: Metafile, more: readonly string[]): string => {
  const folders = new Set(more.map((name) => join(root, 'node_modules', name)));
  for (const path of Object.keys(inputs)) {
    const folder = /^(?:[\w-]+:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
    if (folder !== undefined) folders.add(resolve(root, folder));
  }
  return [...folders].sort().map(licenceOf).join('\n\n');
};

const licenceOf = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const texts = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file) && existsSync(join(folder, file)))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0 && license === undefined) throw new Error(`${name} says nothing of its licence`);
  const line = '-'.repeat(80);
  return [line, `${name} ${version} (${license ?? 'see below'})`, line, ...texts].join('\n');
};
