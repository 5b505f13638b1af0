/** The files that the page is made of: the one list of them. A bundle brings its own in place of this. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ICON } from '../dress.ts';

export interface PageFile {
  /** Below the page's folder, with `/`: `screens/status.js`. */
  readonly path: string;
  readonly text: string;
}

const FOLDER = fileURLToPath(new URL('page', import.meta.url));

/** What the page imports by a package's name, where npm put it, and what it is called beside the page's own files. */
export const PACKAGES = {
  preact: { path: 'packages/preact.js', from: 'preact' },
  'preact/hooks': { path: 'packages/hooks.js', from: 'preact/hooks' },
  htm: { path: 'packages/htm.js', from: 'htm' },
  uplot: { path: 'packages/uplot.js', from: 'uplot/dist/uPlot.iife.min.js' },
} as const;

const STYLES = [{ path: 'packages/uplot.css', from: 'uplot/dist/uPlot.min.css' }] as const;

const SERVED = /\.(?:js|css|html)$/;

export const readPageFiles = async (): Promise<readonly PageFile[]> => {
  const entries = await readdir(FOLDER, { withFileTypes: true, recursive: true });
  const own = entries
    .filter((entry) => entry.isFile() && SERVED.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map(async (file) => ({
      path: file.slice(FOLDER.length + 1).replaceAll('\\', '/'),
      text: await readFile(file, 'utf8'),
    }));
  const packaged = [...Object.values(PACKAGES), ...STYLES].map(async ({ path, from }) => ({
    path,
    text: toModule(await readFile(fileURLToPath(import.meta.resolve(from)), 'utf8'), path),
  }));
  const files = await Promise.all([...own, ...packaged]);
  return [{ path: 'icon.svg', text: ICON }, ...files].sort((one, other) => (one.path < other.path ? -1 : 1));
};

/** uPlot's only minified form is a script with one global; a source map that is not served is not named. */
const toModule = (text: string, path: string): string => {
  const named = text.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '\n');
  return path === PACKAGES.uplot.path ? `${named}\nexport default uPlot;\n` : named;
};
