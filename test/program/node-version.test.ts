import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-node-version-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('too old a Node', () => {
  const BEGINNING = join(ROOT, 'src/program/beginning.cjs');
  const asNode = (release: string) => {
    const disguise = join(folder, 'disguise.cjs');
    const versions = `Object.assign({}, process.versions, { node: '${release}' })`;
    writeFileSync(disguise, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
    return spawnSync(process.execPath, ['-r', disguise, '-r', BEGINNING, '-e', 'console.log("serves")'], {
      encoding: 'utf8',
    });
  };

  test.each(['0.12.0', '20.20.2', '23.11.1'])('%s: one line that names the one to have, and exit code 1', (release) => {
    const { status, stdout, stderr } = asNode(release);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      new RegExp(`^gemini-cli-relay needs Node 24 or newer, and this is Node ${release}\\. .*\n$`),
    );
  });

  test.each(['24.0.0', '26.10.0', '100.0.0'])('%s serves', (release) => {
    expect(asNode(release)).toMatchObject({ status: 0, stdout: 'serves\n' });
  });

  test('is looked for by every command that reads TypeScript, and is the one of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const commands = Object.entries(scripts).filter(([name]) =>
      /^(?:start|dev|demo|login|health|keys|usage)$/.test(name),
    );
    expect(commands).toHaveLength(7);
    for (const [, command] of commands) expect(command).toMatch(/^node -r \.\/src\/program\/beginning\.cjs /);
    expect(readFileSync(join(ROOT, 'package.json'), 'utf8')).toContain('"node": ">=24"');
  });

  test.each(['src/program/beginning.cjs', 'src/program/node-version.cjs', 'scripts/bundle/starter.cjs'])(
    '%s holds nothing that an old Node cannot read',
    (file) => {
      expect(readFileSync(join(ROOT, file), 'utf8')).not.toMatch(/=>|\b(?:const|let|import|export)\b|\$\{|\?\./);
    },
  );
});
