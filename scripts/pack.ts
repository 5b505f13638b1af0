/**
 * Around `npm pack`: the package's own package.json names no dependencies, for the bundle holds what it needs of them; and
 * nothing is installed beside it. `strip` before, `restore` after.
 */
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './bundle/replacements.ts';

const FILE = join(ROOT, 'package.json');
const KEPT = join(ROOT, 'dist/package.json.kept');

/** What is of use to whoever builds it, and to nobody who installs it. */
const OF_THE_CHECKOUT = ['dependencies', 'devDependencies', 'allowScripts', 'scripts'] as const;

const strip = (): void => {
  copyFileSync(FILE, KEPT);
  const manifest = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, unknown>;
  for (const name of OF_THE_CHECKOUT) Reflect.deleteProperty(manifest, name);
  writeFileSync(FILE, `${JSON.stringify(manifest, undefined, 2)}\n`);
};

const restore = (): void => {
  if (!existsSync(KEPT)) return;
  copyFileSync(KEPT, FILE);
  rmSync(KEPT);
};

const [what] = process.argv.slice(2);
if (what === 'strip') strip();
else if (what === 'restore') restore();
else throw new Error('scripts/pack.ts takes strip or restore');
