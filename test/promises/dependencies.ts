/** `node test/promises/dependencies.ts`: what is shipped besides our own sources, as the tables of docs/security.md. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
const { packages } = read('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
const { dependencies } = read('package.json') as { readonly dependencies: Readonly<Record<string, string>> };

/** Bytes of a package's own files. */
const sizeOf = (path: string): number =>
  readdirSync(join(ROOT, path), { withFileTypes: true }).reduce((size, entry) => {
    if (entry.name === 'node_modules') return size;
    const inner = join(path, entry.name);
    return size + (entry.isDirectory() ? sizeOf(inner) : statSync(join(ROOT, inner)).size);
  }, 0);

/** Where a package finds another: its own folder first, then those around it. */
const resolveFrom = (path: string, name: string): string | undefined => {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const candidate = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (candidate in packages) return candidate;
    if (at === '') return undefined;
  }
};

const closure = (path: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const name of Object.keys(packages[path]?.dependencies ?? {})) {
    const found = resolveFrom(path, name);
    if (found !== undefined) closure(found, seen);
  }
  return seen;
};

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

export const shipped = (): readonly string[] =>
  Object.keys(packages).filter((path) => path !== '' && packages[path]?.dev !== true);

/** The form of long ago, which the lock file does not take over. */
const oldLicence = (path: string): string | undefined => {
  const { licenses = [] } = read(`${path}/package.json`) as {
    readonly licenses?: readonly { readonly type: string }[];
  };
  return licenses.length === 1 ? licenses[0]?.type : undefined;
};

export const licenceOf = (path: string): string => packages[path]?.license ?? oldLicence(path) ?? 'unknown';

export const licences = (): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const path of shipped()) {
    const licence = licenceOf(path);
    counts[licence] = (counts[licence] ?? 0) + 1;
  }
  return counts;
};

export const directDependencies = (): readonly string[] => Object.keys(dependencies);

if (process.argv[1] === import.meta.filename) {
  console.log('| package | version | licence | own size, MB | with all behind it |');
  for (const name of directDependencies()) {
    const path = `node_modules/${name}`;
    const all = [...closure(path)];
    const { version = '' } = packages[path] ?? {};
    const total = all.reduce((size, each) => size + sizeOf(each), 0);
    console.log(
      `| ${name} | ${version} | ${licenceOf(path)} | ${megabytes(sizeOf(path))} | ${all.length} packages, ${megabytes(total)} MB |`,
    );
  }
  const total = shipped().reduce((size, path) => size + sizeOf(path), 0);
  console.log(`${shipped().length} packages, ${megabytes(total)} MB; ${JSON.stringify(licences())}`);
}
