import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNameLookup } from '../../src/images/name-lookup.ts';
import { createReach } from '../../src/images/reach.ts';
import { createRemoteImages } from '../../src/images/remote-images.ts';
import { createSystem } from '../../src/system.ts';
import { until } from '../support/virtual-system.ts';
import { quietNow } from '../support/machine.ts';

interface NameServer {
  readonly address: string;
  /** Names that were asked for, again and again where they were. */
  readonly asked: string[];
}

const NONE = join(tmpdir(), 'no-hosts-file-here');
const sockets: Socket[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'names-'));
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
  rmSync(folder, { recursive: true, force: true });
});

const TYPE_A = 1;

/** Says nothing, or the address to whoever asks for one of IPv4, and "none" to others. */
const startNameServer = async (address?: string): Promise<NameServer> => {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (question, { port }) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    asked.push(labels.join('.'));
    if (address === undefined) return;
    const isFour = question.readUInt16BE(at + 1) === TYPE_A;
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(isFour ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]);
    socket.send(Buffer.concat([head, question.subarray(12, at + 5), ...(isFour ? [record] : [])]), port, '127.0.0.1');
  });
  sockets.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, asked };
};

const live = new AbortController().signal;

describe('names that clients wrote', () => {
  test('are asked of the name servers', async () => {
    const server = await startNameServer('93.184.216.34');
    const names = createNameLookup({ servers: [server.address], hostsFile: NONE });
    expect(await names('images.example', live)).toEqual(['93.184.216.34']);
    expect(server.asked).toEqual(['images.example', 'images.example']);
  });

  test('that stand in the hosts file are asked of nobody', async () => {
    const server = await startNameServer('93.184.216.34');
    const hostsFile = join(folder, 'hosts');
    writeFileSync(
      hostsFile,
      '127.0.0.1 localhost\n# 10.0.0.1 images.example\r\n8.8.4.4\timages.EXAMPLE other # why\n::1 x\n',
    );
    const names = createNameLookup({ servers: [server.address], hostsFile });
    expect(await names('images.example', live)).toEqual(['8.8.4.4']);
    expect(await names('other.', live)).toEqual(['8.8.4.4']);
    expect(server.asked).toEqual([]);
  });

  test('have the addresses of this machine’s own hosts file', async () => {
    if (!readFileSync('/etc/hosts', 'utf8').includes('localhost')) return;
    expect(await createNameLookup()('localhost', live)).toContain('127.0.0.1');
  });

  test('that nobody knows are an error within seconds', async () => {
    const server = await startNameServer();
    const names = createNameLookup({ servers: [server.address], hostsFile: NONE });
    const started = quietNow();
    await expect(names('silent.example', live)).rejects.toMatchObject({ code: 'ETIMEOUT' });
    expect(quietNow() - started).toBeLessThan(6000);
    // Two families, twice each.
    expect(server.asked).toHaveLength(4);
  });

  test('are given up with the one who asked', async () => {
    const server = await startNameServer();
    const client = new AbortController();
    const left = new Error('left');
    const asking = createNameLookup({ servers: [server.address], hostsFile: NONE })('silent.example', client.signal);
    await until('the question', () => server.asked.length > 0);
    client.abort(left);
    await expect(asking).rejects.toBe(left);
  });
});

test('dead links of a silent name server take no thread from the names and files of others', async () => {
  const server = await startNameServer();
  const client = new AbortController();
  const images = createRemoteImages({
    enabled: true,
    system: createSystem(),
    reach: createReach({ httpsProxy: undefined, httpProxy: undefined, noProxy: undefined }),
    resolve: createNameLookup({ servers: [server.address], hostsFile: NONE }),
  });
  const links = Array.from({ length: 16 }, (_, at) =>
    images
      .fetch(`https://dead-${at}.example/x.png`, { signal: client.signal, caller: 'one', hold: () => undefined })
      .catch((error: unknown) => error),
  );
  await until('the first questions', () => server.asked.length >= 8);
  const started = quietNow();
  // What undici asks before it connects to Google, and on the same threads.
  for (let count = 0; count < 10; count += 1) await lookup('localhost', { all: true });
  expect(quietNow() - started).toBeLessThan(1000);
  // Four pictures at once, of both families.
  expect(new Set(server.asked).size).toBe(4);
  client.abort(new Error('left'));
  await Promise.all(links);
});
