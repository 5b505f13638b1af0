/**
 * What stands in a bundle in place of some modules: those that look for files beside themselves, and those that load parts
 * of packages by name. Everything else is bundled as it is.
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';
import { readPageFiles } from '../../src/console/page-files.ts';
import { readVersion } from '../../src/version.ts';

export const ROOT = join(import.meta.dirname, '../..');

const OLDEST_NODE = 'node24';

/** Names stay: a stack in a bug report tells where it was. White space and long forms go. */
export const ONE_FILE = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: OLDEST_NODE,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions;

/** A bundle knows its version, and needs no package.json beside it. */
const versionModule = (source: string): string =>
  source.replace(
    /export const readVersion = [^]*?\n};\n/,
    `export const readVersion = () => ${JSON.stringify(readVersion())};\n`,
  );

/**
 * The thread of SQLite has a text of its own: with the program's it took four times the memory. Not as a module: that is
 * ready in half the time.
 */
const threadModule = async (): Promise<string> => {
  const { outputFiles } = await build({
    ...ONE_FILE,
    entryPoints: [join(ROOT, 'src/store/sqlite-worker.ts')],
    write: false,
  });
  const text = outputFiles.map((file) => file.text).join('');
  return `export const THREAD = { program: ${JSON.stringify(text)}, options: { eval: true, env: {} } };`;
};

/** The whole of undici is one `require` away, its parts are bundled by name. */
const UNDICI = `
export { default as Agent } from 'undici/lib/dispatcher/agent.js';
export { default as Pool } from 'undici/lib/dispatcher/pool.js';
export { default as buildConnector } from 'undici/lib/core/connect.js';
export { default as errors } from 'undici/lib/core/errors.js';
export const wholeUndici = () => require('undici');
`;

/** In the function, which the engine does not compile before somebody opens the page. */
const pageModule = async (): Promise<string> =>
  `export const readPageFiles = async () => { return ${JSON.stringify(await readPageFiles())}; };`;

/** Packages that wait until somebody calls them; `?real` is the package itself. */
const LATE: Readonly<Record<string, string>> = {
  // HTTP/2: its client would load Node's own.
  'client-h2.js': `module.exports = (...args) => require('undici/lib/dispatcher/client-h2.js?real')(...args);`,
  // Tables of two thousand types, which Koa asks only where it shall guess one.
  accepts: `module.exports = (...args) => require('accepts?real')(...args);`,
  'mime-types': `exports.contentType = (...args) => require('mime-types?real').contentType(...args);
exports.lookup = (...args) => require('mime-types?real').lookup(...args);`,
};

/** What is loaded late where files stand alone is bundled by its name. */
const lateLoads = (source: string): string =>
  source.replaceAll(/createRequire\(import\.meta\.url\)\((?='@?[\w/-]+'\))/g, 'require(');

type Maker = (source: string) => string | Promise<string>;

const REPLACED: Readonly<Record<string, Maker>> = {
  'src/version.ts': versionModule,
  // Its starter sees to both.
  'src/program/beginning.cjs': () => '',
  'src/engine/compiled.ts': () => 'export const keepCompiled = () => keepCompiledOfBundle();',
  'src/store/worker-file.ts': threadModule,
  'src/engine/undici.ts': () => UNDICI,
  'src/engine/zod.ts': () => "export { z } from 'zod';",
  'src/console/page-files.ts': async (source) => `${constantsOf(source)}\n${await pageModule()}`,
  'src/app.ts': lateLoads,
  'src/http/multipart.ts': lateLoads,
  'src/log.ts': lateLoads,
};

/** What other modules import beside the list of files. */
const constantsOf = (source: string): string => /export const PACKAGES = [^]*?\n} as const;\n/.exec(source)?.[0] ?? '';

export const replacements: Plugin = {
  name: 'replacements',
  setup: (build) => {
    for (const [path, maker] of Object.entries(REPLACED)) {
      const file = join(ROOT, path);
      build.onLoad({ filter: new RegExp(`^${RegExp.escape(file)}$`) }, async () => {
        const source = readFileSync(file, 'utf8');
        const contents = await maker(source);
        if (contents === source) throw new Error(`${path} is not what its replacement in the bundle expects`);
        return { contents, loader: 'ts', resolveDir: join(file, '..') };
      });
    }
    // The engine keeps a text of ASCII in half the memory, and all of it goes by the letter that is none. Of texts esbuild
    // sees to that itself, of patterns it does not.
    build.onLoad({ filter: /powershell-utils[\\/]index\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(/[^\p{ASCII}]/gu, toEscape),
    }));
    build.onResolve({ filter: RARE_BUILT_INS }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'built-in-late' } : { path, external: true },
    );
    build.onLoad({ filter: /./, namespace: 'built-in-late' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
    // Of zod's languages nobody asks for any but the first.
    build.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export {};' }));
    for (const [name, contents] of Object.entries(LATE)) {
      const namespace = `late-${name.replaceAll('.', '-')}`;
      const filter = new RegExp(`(?:^|/)${RegExp.escape(name)}(?:\\?real)?$`);
      build.onResolve({ filter }, async ({ path, resolveDir, kind, pluginData }) => {
        if (pluginData === RESOLVING) return undefined;
        const isReal = path.endsWith('?real');
        const found = await build.resolve(path.replace(/\?real$/, ''), { resolveDir, kind, pluginData: RESOLVING });
        // The folder of this machine is nobody's business.
        return isReal ? { path: found.path } : { path: relative(ROOT, found.path), namespace };
      });
      build.onLoad({ filter: /./, namespace }, ({ path }) => ({ contents, resolveDir: join(ROOT, path, '..') }));
    }
  },
};

/** One file imports all at its beginning; these it loads when somebody asks for them. */
const RARE_BUILT_INS = /^(?:node:)?(?:https?|readline(?:\/promises)?|child_process|dns\/promises|zlib)$/;

const toEscape = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

const RESOLVING = { resolving: true };
