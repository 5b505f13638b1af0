/** docs/deploy.md: commands beside a unit of systemd find what the unit has. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPage } from './page.ts';

test.each(['docs/deploy.md', 'docs/deploy.zh-CN.md'])(
  "%s: commands run as the unit's user, where and with what it has",
  (page) => {
    const text = readPage(page);
    const [unit = ''] = /```ini\n[^`]*```/.exec(text) ?? [];
    const [commands = ''] = /```sh\nrelay\(\)[^`]*```/.exec(text) ?? [];
    const pairs = [
      ['User', '--uid'],
      ['WorkingDirectory', '--working-directory'],
      ['EnvironmentFile', '--property=EnvironmentFile'],
      ['Environment', '--setenv'],
    ] as const;
    for (const [inUnit, option] of pairs) {
      const value = new RegExp(`^${inUnit}=(.+)$`, 'm').exec(unit)?.[1];
      expect(value, inUnit).toBeDefined();
      expect(commands).toContain(`${option}=${value ?? ''} `);
    }
    expect(commands).toContain(/^ExecStart=(\S+)/m.exec(unit)?.[1]);
    const scripts = [...commands.matchAll(/^relay (\S+)/gm)].map(([, script = '']) => script);
    expect(scripts.length).toBeGreaterThan(3);
    for (const script of scripts) expect(existsSync(new URL(`../../${script}`, import.meta.url)), script).toBe(true);
  },
);
