/** `npm run build`: the relay with all its commands as one file, which needs nothing but Node. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ownMap } from './bundle/own-map.ts';
import { writeLicences } from './bundle/licences.ts';
import { ONE_FILE, replacements, ROOT } from './bundle/replacements.ts';

const OUT = join(ROOT, 'dist');
const ENTRY = `
process.env['GEMINI_CLI_RELAY_INSTALLED'] = '1';
await import('./scripts/gemini-cli-relay.ts');
`;

/** Packages that were written for \`require\` find it. */
const BANNER = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);

const { metafile } = await build({
  ...ONE_FILE,
  stdin: { contents: ENTRY, resolveDir: ROOT, sourcefile: 'entry.js' },
  outfile: join(OUT, 'relay.js'),
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
  banner: { js: BANNER },
  plugins: [replacements],
  // Each is tried by its package and gone without: faster or older ways to do what it does anyway.
  external: ['pg-native', 'bufferutil', 'utf-8-validate'],
});

if (/[^\p{ASCII}]/u.test(readFileSync(join(OUT, 'relay.js'), 'utf8'))) {
  throw new Error('dist/relay.js holds letters beyond ASCII: see scripts/bundle/replacements.ts');
}
const MAP = join(OUT, 'relay.js.map');
writeFileSync(MAP, ownMap(readFileSync(MAP, 'utf8')));

/** Who installed the package has no checkout with a Node of its own. */
const versionCheck = (): string => {
  const source = readFileSync(join(ROOT, 'src/program/node-version.cjs'), 'utf8');
  const check = source.replace(/Run `npm ci`, [^']*?or install/, 'Install');
  if (check === source) throw new Error('src/program/node-version.cjs says something else than was thought');
  return check;
};

/**
 * Read by any Node there ever was: too old a one is told in one line, where the program itself would be a stack. And
 * before the program, so that its compiled form is found again; where nobody may write, Node goes on without.
 */
const starter = `#!/usr/bin/env node
${versionCheck()}
require('node:module').enableCompileCache(require('node:path').join(__dirname, '.compiled'));
import('./relay.js');
`;
writeFileSync(join(OUT, 'gemini-cli-relay.cjs'), starter);
chmodSync(join(OUT, 'gemini-cli-relay.cjs'), 0o755);
writeFileSync(join(OUT, 'LICENSES.txt'), writeLicences(ROOT, metafile, ['preact', 'htm', 'uplot']));
