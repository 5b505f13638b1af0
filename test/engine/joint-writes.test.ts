import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { Pool } from 'undici';
import { expect, test } from 'vitest';
import { createJointWrites } from '../../src/engine/joint-writes.ts';

const at = (clock: { now: number }) => createJointWrites({ monotonic: () => clock.now });

const answer = (log: string[]) => ({ end: (last: string | Buffer) => log.push(String(last)) });

const speaker = (log: string[], name: string) => ({ speak: () => log.push(name) });

test('what answers say in one turn is written at its end, in order', async () => {
  const log: string[] = [];
  const writes = at({ now: 0 });
  for (const each of ['1', '2', '3']) writes.end(answer(log), each);
  await Promise.resolve();
  expect(log).toEqual([]);
  await turn();
  expect(log).toEqual(['1', '2', '3']);
  writes.end(answer(log), '4');
  await turn();
  expect(log).toEqual(['1', '2', '3', '4']);
});

test('who has something to say is told to at the end of each turn in which it came', async () => {
  const log: string[] = [];
  const writes = at({ now: 0 });
  const one = speaker(log, 'one');
  writes.add(one);
  await Promise.resolve();
  expect(log).toEqual([]);
  await turn();
  expect(log).toEqual(['one']);
  await turn();
  expect(log).toEqual(['one']);
  writes.add(one);
  await turn();
  expect(log).toEqual(['one', 'one']);
});

test('in a turn that is long, nobody waits for those who come a millisecond later', async () => {
  const log: string[] = [];
  const clock = { now: 100 };
  const writes = at(clock);
  writes.end(answer(log), 'early');
  writes.add(speaker(log, 'one'));
  clock.now += 1.5;
  writes.end(answer(log), 'late');
  expect(log).toEqual(['one', 'early']);
  await turn();
  expect(log).toEqual(['one', 'early', 'late']);
});

test('one that fails does not take the others along', async () => {
  const log: string[] = [];
  const writes = at({ now: 0 });
  const gone: ServerResponse[] = [];
  const server = createServer((_req, res) => gone.push(res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const asked = fetch(`http://127.0.0.1:${port}`).catch(() => 'broken');
  await once(server, 'request');
  for (const res of gone) {
    res.writeHead(200);
    writes.end(res, 'never said');
    res.destroy();
  }
  writes.end(answer(log), 'said');
  await turn();
  expect(log).toEqual(['said']);
  expect(await asked).toBe('broken');
  server.close();
});

test('one that throws is told as a fault, and those behind it are written', async () => {
  const log: string[] = [];
  const writes = at({ now: 0 });
  const fail = (): never => {
    throw new TypeError('not to be written');
  };
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const told: string[] = [];
  const both = new Promise<void>((resolve) => {
    process.on('uncaughtException', ({ message }) => {
      if (told.push(message) === 2) resolve();
    });
  });
  writes.end(answer(log), 'before');
  writes.end({ end: fail }, 'never said');
  writes.end(answer(log), 'behind');
  writes.add({ speak: fail });
  writes.add(speaker(log, 'one'));
  await both;
  process.removeAllListeners('uncaughtException');
  for (const other of others) process.on('uncaughtException', other);
  expect(told).toEqual(['not to be written', 'not to be written']);
  expect(log).toEqual(['one', 'before', 'behind']);
  writes.end(answer(log), 'later');
  await turn();
  expect(log.at(-1)).toBe('later');
});

test('over HTTP an answer in pieces arrives whole and in order, and its connection serves on', async () => {
  const writes = at({ now: 0 });
  const server = createServer((_req, res) => {
    const say = (piece: string): void => {
      writes.add({ speak: () => res.write(piece) });
    };
    say('a');
    say('b');
    setImmediate(() => {
      say('c');
      writes.end(res, 'd');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let connections = 0;
  server.on('connection', () => (connections += 1));
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1 });
  for (let round = 0; round < 3; round += 1) {
    const { body } = await pool.request({ method: 'GET', path: '/' });
    expect(await body.text()).toBe('abcd');
  }
  expect(connections).toBe(1);
  await pool.close();
  server.close();
});
