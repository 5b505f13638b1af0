/** nginx before relays on this machine, with the configuration of deploy/scale or another. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, listens, startService } from './service.ts';

export interface Proxy {
  readonly url: string;
  stop(): Promise<void>;
}

export interface Nginx extends Proxy {
  /** As restart.sh says it: no new requests for this one, from now on, until `isBack`. */
  leaves(index: number): void;
  isBack(index: number): void;
}

const WRITTEN = new URL('../../deploy/scale/nginx.conf', import.meta.url);
const PORT_OF_COMPOSE = 8080;
/** Where Debian's package writes what it does not know the size of, and who is not root may not. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export const startNginx = async (relayPorts: readonly number[]): Promise<Nginx> => {
  const flags = mkdtempSync(join(tmpdir(), 'leaves-'));
  chmodSync(flags, 0o755);
  const flagOf = (index: number): string => join(flags, `relay-${index + 1}.leaves`);
  const proxy = await startNginxWith((port) =>
    rewritten(readFileSync(WRITTEN, 'utf8'), relayPorts)
      .replace(`listen ${PORT_OF_COMPOSE};`, `listen 127.0.0.1:${port};`)
      .replaceAll('/tmp/relay-', `${flags}/relay-`)
      .replace('worker_processes auto;', 'worker_processes 1;')
      // As many as this machine allows.
      .replace(/worker_rlimit_nofile .*\n/, '')
      .replace(/worker_connections \d+;/, 'worker_connections 1024;'),
  );
  return {
    url: proxy.url,
    leaves: (index) => {
      writeFileSync(flagOf(index), '');
    },
    isBack: (index) => {
      rmSync(flagOf(index));
    },
    stop: async () => {
      await proxy.stop();
      rmSync(flags, { recursive: true, force: true });
    },
  };
};

/** `confFor` a free port: what it is to listen on. */
export const startNginxWith = async (confFor: (port: number) => string): Promise<Proxy> => {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  // Its workers are another user when it is started by root.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  const temporary = TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
  const conf = confFor(port).replace('http {', `http {\n${temporary}`);
  writeFileSync(file, `daemon off;\npid ${folder}/nginx.pid;\nerror_log stderr;\n${conf}`);
  const service = await startService(['nginx', '-p', folder, '-e', 'stderr', '-c', file], port, () => listens(port));
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await service.stop('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** The relays of compose.yml are two: all that is said of them, said of so many on this machine. */
const rewritten = (conf: string, ports: readonly number[]): string => {
  const servers = (among: readonly number[]): string =>
    among.map((port) => `    server 127.0.0.1:${port} max_fails=0;\n`).join('');
  const without = ports.map((port, index) => {
    const others = servers(ports.filter((other) => other !== port));
    return `  upstream without-relay-${index + 1} {\n${others}  }\n`;
  });
  const flags = ports.map(
    (_, index) => `      if (-f /tmp/relay-${index + 1}.leaves) { set $relays without-relay-${index + 1}; }\n`,
  );
  const pieces: readonly [RegExp, string][] = [
    [/(?: *server relay-\d:8888 max_fails=0;\n){2,}/, servers(ports)],
    [/(?: {2}upstream without-relay-\d \{[^}]*\}\n)+/, without.join('')],
    [/(?: *if \(-f \/tmp\/relay-\d\.leaves\).*\n)+/, flags.join('')],
  ];
  let text = conf;
  for (const [pattern, replacement] of pieces) {
    if (!pattern.test(text)) throw new Error(`deploy/scale/nginx.conf has nothing like ${pattern.source}`);
    text = text.replace(pattern, () => replacement);
  }
  return text;
};
