/** Hostile clients of a soak, in a process of their own: `node soak-attacks.ts URL`. It tells how many attacks there were. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RELAY_KEY } from '../support/relay.ts';
import { LOADS, MANY_TEXTS, PLAIN } from './heavy.ts';
import { post } from './heavy-relay.ts';
import { MIB } from './soak-bounds.ts';
import { HELLO } from './soak-questions.ts';

const HOSTILE = 2;
const url = process.argv[2] ?? '';
let attacks = 0;

const BODIES = [...MANY_TEXTS, ...LOADS.filter((_load, index) => index % 5 === 0)].flatMap((load) =>
  [0.1, 1, 8].map((size) => {
    return { ...load, body: Buffer.from(load.make(size * MIB)) };
  }),
);

const pick = <T>(list: readonly T[]): T => {
  const picked = list[Math.floor(Math.random() * list.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
};

const BODY = JSON.stringify({ ...HELLO, stream: true });

const headOf = (length: number): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nhost: ${new URL(url).host}\r\nauthorization: Bearer ${RELAY_KEY}\r\n` +
  `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

/** A raw connection that says this, and is destroyed after a while. */
const hold = async (text: string, ms: number, read = true): Promise<void> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
  if (read) socket.resume();
  socket.write(text);
  await sleep(ms);
  socket.destroy();
};

const leave = (): Promise<void> => hold(headOf(BODY.length) + BODY, Math.random() * 20);
const stallUpload = (): Promise<void> => hold(headOf(64 * MIB) + PLAIN.make(MIB), 500 + Math.random() * 2000);
const readSlowly = (): Promise<void> =>
  hold((headOf(BODY.length) + BODY).repeat(20), 500 + Math.random() * 2000, false);
const speakNonsense = (): Promise<void> =>
  new Promise((resolve) => {
    const outgoing = request(`${url}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: { 'x-junk': 'a'.repeat(12_000) },
    });
    outgoing
      .on('response', (answer) => answer.resume().on('close', resolve))
      .on('error', () => {
        resolve();
      });
    outgoing.end('{"a":'.repeat(10_000));
  });

const attack = async (): Promise<never> => {
  for (;;) {
    if (Math.random() < 0.6) {
      const { path, body, chunkBytes } = pick(BODIES);
      await post(`${url}${path}`, body, chunkBytes).catch(() => 0);
    } else {
      await pick([leave, stallUpload, readSlowly, speakNonsense])();
    }
    attacks += 1;
    await sleep(50);
  }
};

process.on('disconnect', () => process.exit(0));
process.on('message', () => process.send?.(attacks));
process.send?.('ready');
for (let count = 0; count < HOSTILE; count += 1) void attack();
