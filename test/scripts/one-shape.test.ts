import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { ofOneShape } from '../../scripts/bundle/one-shape.ts';
import { ONE_FILE } from '../../scripts/bundle/replacements.ts';

/** More than the engine remembers first properties. */
const MANY = 1600;

const bundle = async (modules: number): Promise<string> => {
  const names = Array.from({ length: modules }, (_, at) => `./some/module-${at}.js`);
  const { outputFiles } = await build({
    ...ONE_FILE,
    stdin: {
      contents: `${names.map((name) => `import('${name}');`).join('')} require('./common.cjs');
        const record = () => { const made = { tokens: [] }; made.door = 'a'; made.account = 'b'; return made; };
        console.log(eval('%HaveSameMap(record(), record())'), globalThis.loaded);`,
    },
    plugins: [
      {
        name: 'modules',
        setup: (made) => {
          made.onResolve({ filter: /^\.\// }, ({ path }) => ({ path: path.slice(2), namespace: 'made' }));
          made.onLoad({ filter: /./, namespace: 'made' }, ({ path }) => ({
            contents: path.endsWith('.cjs')
              ? 'globalThis.loaded = (globalThis.loaded ?? 0) + 1; module.exports = {};'
              : 'globalThis.loaded = (globalThis.loaded ?? 0) + 1; export const name = 1;',
          }));
        },
      },
    ],
    write: false,
  });
  return outputFiles.map(({ text }) => text).join('');
};

const run = (program: string): string =>
  execFileSync(process.execPath, ['--allow-natives-syntax', '-'], { input: program, encoding: 'utf8' }).trim();

describe('the modules of the bundle', () => {
  test('leave the engine room to know the objects of a request again', async () => {
    const program = await bundle(MANY);
    const ofOne = ofOneShape(program);
    // What is avoided: should a later engine remember more, this file has lost its reason.
    expect(run(program)).toMatch(/^false /);
    expect(run(ofOne)).toMatch(/^true /);
    expect(ofOne).not.toMatch(/module-\d+\.js"\(/);
    expect(ofOne).not.toContain('common.cjs"(');
  });

  test('keep their places and do what they did', async () => {
    const program = await bundle(3);
    const ofOne = ofOneShape(program);
    expect(ofOne).toHaveLength(program.length);
    expect(run(ofOne)).toBe(run(program));
  });

  test('whose name is too short to keep its place is told', () => {
    expect(() => ofOneShape('__esm({"a"(){}})')).toThrow('too short a name');
  });
});
