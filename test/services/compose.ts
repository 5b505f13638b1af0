/** Docker Compose as far as restart.sh asks it for anything, on a machine without an engine: relays are processes here. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Played {
  readonly services: readonly string[];
  /** In nginx's container, the file that says that a relay leaves. */
  readonly touch: (index: number) => void;
  readonly remove: (index: number) => void;
  /** Resolves once it serves. */
  readonly recreate: (index: number) => Promise<void>;
}

export interface Compose {
  /** Resolves to the script's exit code. */
  run(script: string, ...args: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

export const playCompose = async (folder: string, played: Played): Promise<Compose> => {
  const acts: readonly (readonly [RegExp, (index: number) => unknown])[] = [
    [/ config --services$/, () => played.services.join('\n')],
    [/ exec -T nginx touch \/tmp\/relay-(\d)\.leaves$/, played.touch],
    [/ exec -T nginx rm \/tmp\/relay-(\d)\.leaves$/, played.remove],
    [/ up -d --no-deps --force-recreate --wait relay-(\d)$/, played.recreate],
  ];
  const answer = async (words: string): Promise<string> => {
    for (const [pattern, act] of acts) {
      const found = pattern.exec(words);
      if (!found) continue;
      const text = await act(Number(found[1]) - 1);
      return typeof text === 'string' ? text : '';
    }
    throw new Error(`docker ${words}: nobody plays that`);
  };
  const server = createServer((request, response) => {
    const words = decodeURIComponent(request.url?.slice(1) ?? '');
    answer(words).then(
      (text) => {
        response.end(text);
      },
      (error: unknown) => {
        response.writeHead(500).end(String(error));
      },
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = `
    const answer = await fetch('http://127.0.0.1:${port}/' + encodeURIComponent(process.argv.slice(2).join(' ')));
    (answer.ok ? console.log : console.error)(await answer.text());
    process.exitCode = answer.ok ? 0 : 1;`;
  writeFileSync(join(folder, 'ask.mjs'), ask);
  const docker = `#!/bin/sh\nexec '${process.execPath}' '${join(folder, 'ask.mjs')}' "$@"\n`;
  writeFileSync(join(folder, 'docker'), docker, { mode: 0o755 });
  return {
    run: async (script, ...args) => {
      const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
      const child = spawn('sh', [script, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
      const [code] = (await once(child, 'close')) as [number];
      return code;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
