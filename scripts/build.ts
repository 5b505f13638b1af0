/** `npm run build`: the relay with all its commands as one file, which needs nothing but Node. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ofOneShape } from './bundle/one-shape.ts';
import { ownMap } from './bundle/own-map.ts';
import { writeLicences } from './bundle/licences.ts';
import { ONE_FILE, replacements, ROOT } from './bundle/replacements.ts';

const OUT = join(ROOT, 'dist');
const PROGRAM = join(OUT, 'relay.cjs');

/** By the starter: what Node gives a module, and how what was compiled is kept. */
const GIVEN = ['exports', 'require', 'module', '__filename', '__dirname', 'keepCompiledOfBundle'];

const URL_OF_BUNDLE = "require('node:url').pathToFileURL(__filename).href";

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);

const { metafile } = await build({
  ...ONE_FILE,
  entryPoints: [join(ROOT, 'scripts/gemini-cli-relay.ts')],
  outfile: PROGRAM,
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
  define: { 'import.meta.url': 'urlOfBundle' },
  banner: { js: `(function(${GIVEN.join()}){'use strict';const urlOfBundle=${URL_OF_BUNDLE};` },
  footer: { js: '})' },
  plugins: [replacements],
  // Each is tried by its package and gone without: faster or older ways to do what it does anyway.
  external: ['pg-native', 'bufferutil', 'utf-8-validate'],
});

const program = ofOneShape(readFileSync(PROGRAM, 'utf8'));
writeFileSync(PROGRAM, program);
if (/[^\p{ASCII}]/u.test(program)) {
  throw new Error('dist/relay.cjs holds letters beyond ASCII: see scripts/bundle/replacements.ts');
}
if (/createRequire\)?\(urlOfBundle\)/.test(program)) {
  throw new Error(
    'dist/relay.cjs loads a package that is not beside it: see lateLoads in scripts/bundle/replacements.ts',
  );
}
const MAP = `${PROGRAM}.map`;
writeFileSync(MAP, ownMap(readFileSync(MAP, 'utf8')));

/** Who installed the package has no checkout with a Node of its own. */
const versionCheck = (): string => {
  const source = readFileSync(join(ROOT, 'src/program/node-version.cjs'), 'utf8');
  const check = source.replace(/Run `npm ci`, [^']*?or install/, 'Install');
  if (check === source) throw new Error('src/program/node-version.cjs says something else than was thought');
  return check;
};

/** Names what is kept of this text, and of no other. */
const buildOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const starter = [
  '#!/usr/bin/env node',
  versionCheck(),
  `var BUILD = '${buildOf(program)}';`,
  readFileSync(join(ROOT, 'scripts/bundle/starter.cjs'), 'utf8'),
].join('\n');
writeFileSync(join(OUT, 'gemini-cli-relay.cjs'), starter);
chmodSync(join(OUT, 'gemini-cli-relay.cjs'), 0o755);
writeFileSync(join(OUT, 'LICENSES.txt'), writeLicences(ROOT, metafile, ['preact', 'htm', 'uplot']));
