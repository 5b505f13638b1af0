/** Uploads in the smallest pieces, out of order, beyond their size and by the hundred hold up nobody. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { allowed } from '../support/machine.ts';
import { RELAY_KEY } from '../support/relay.ts';
import { openHeavyRelay } from './heavy-relay.ts';
import type { HeavyRelay } from './heavy-relay.ts';

const MIB = 1024 * 1024;
const PAUSE_MS = 250;
/** Pieces of an upload but the last come in multiples of it. */
const GRANULARITY = 262_144;

let relay: HeavyRelay;
beforeAll(async () => {
  relay = await openHeavyRelay(512, undefined, 'gemini-api');
  await (await goOn(await begin(), 0, 'upload, finalize', 'Hello.')).text();
}, 60_000);
afterAll(() => relay.close());

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const begin = async (declared?: number): Promise<string> => {
  const begun = await fetch(`${relay.url}/upload/v1beta/files`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-goog-api-key': RELAY_KEY,
      'x-goog-upload-protocol': 'resumable',
      'x-goog-upload-command': 'start',
      'x-goog-upload-header-content-type': 'text/plain',
      ...(declared !== undefined && { 'x-goog-upload-header-content-length': String(declared) }),
    },
    body: '{"file":{}}',
  });
  await begun.arrayBuffer();
  return begun.headers.get('x-goog-upload-url') ?? '';
};

const goOn = (address: string, offset: number | string, command: string, body: string): Promise<Response> =>
  fetch(address, {
    method: 'POST',
    headers: { 'x-goog-upload-offset': String(offset), 'x-goog-upload-command': command },
    body,
  });
const statusOf = async (answer: Promise<Response>): Promise<number> => {
  const { status, body } = await answer;
  await body?.cancel();
  return status;
};

/** Sends this as the rest of an upload, as it stands on the wire; the status of the answer. */
const write = (address: string, onTheWire: Buffer): Promise<number> =>
  new Promise((resolve) => {
    const { port, pathname, search } = new URL(address);
    const socket = connect(Number(port), '127.0.0.1').setEncoding('latin1');
    sockets.push(socket);
    let said = '';
    const end = (): void => {
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1] ?? 0));
    };
    socket.on('error', () => undefined).on('close', end);
    socket.on('data', (text: string) => {
      said += text;
      if (said.includes('\r\n\r\n')) end();
    });
    socket.write(
      `POST ${pathname}${search} HTTP/1.1\r\nhost: x\r\nx-goog-upload-offset: 0\r\nx-goog-upload-command: upload, finalize\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    socket.write(onTheWire);
  });
const crumbs = (count: number): string => '1\r\na\r\n'.repeat(count);

test('R25: an upload of chunks of one byte goes on in large pieces', async () => {
  const COUNT = 200_000;
  let [pauseMs, peakBytes] = [Infinity, Infinity];
  for (let tries = 0; tries < 4 && pauseMs > PAUSE_MS; tries += 1) {
    const address = await begin(COUNT);
    const measured = await relay.during(() => write(address, Buffer.from(`${crumbs(COUNT)}0\r\n\r\n`)));
    expect(measured.status).toBe(200);
    pauseMs = Math.min(pauseMs, measured.pauseMs);
    peakBytes = Math.min(peakBytes, measured.peakBytes);
  }
  expect(pauseMs).toBeLessThan(allowed(PAUSE_MS));
  expect(peakBytes).toBeLessThan(64 * MIB);
}, 60_000);

test('parts out of order, twice and beyond the size are Google’s to refuse, and the upload goes on', async () => {
  const part = 'p'.repeat(GRANULARITY);
  const address = await begin(GRANULARITY + 1);
  const refused: readonly (readonly [offset: number | string, body: string])[] = [
    [GRANULARITY, part],
    [2 ** 53, part],
    ['-1', part],
    ['1e999', part],
    [0, 'a'],
  ];
  for (const [offset, body] of refused) expect(await statusOf(goOn(address, offset, 'upload', body))).toBe(400);
  const other = await begin(2);
  expect(await statusOf(goOn(other, 0, 'upload, finalize', 'too long'))).toBe(400);

  const whole = await begin(GRANULARITY + 1);
  expect(await statusOf(goOn(whole, 0, 'upload', part))).toBe(200);
  expect(await statusOf(goOn(whole, 0, 'upload', part))).toBe(400);
  const done = await goOn(whole, GRANULARITY, 'upload, finalize', 'e');
  expect([done.status, await done.json()]).toMatchObject([200, { file: { sizeBytes: String(GRANULARITY + 1) } }]);
});

test('of many who finish one upload at once one does', async () => {
  const address = await begin();
  const statuses = await Promise.all(
    Array.from({ length: 20 }, () => statusOf(goOn(address, 0, 'upload, finalize', 'Hello.'))),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status !== 200 && status !== 400)).toEqual([]);
});

test('R24: six hundred uploads of which one byte has come hold no place and little memory', async () => {
  const { peakBytes, status } = await relay.during(async () => {
    for (let hundred = 0; hundred < 6; hundred += 1) {
      const addresses = await Promise.all(Array.from({ length: 100 }, () => begin()));
      for (const address of addresses) void write(address, Buffer.from(crumbs(1)));
    }
    const asked = await fetch(`${relay.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${RELAY_KEY}`, 'content-type': 'application/json' },
      body: '{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"Hi"}]}',
    });
    await asked.arrayBuffer();
    return asked.status;
  });
  expect(status).toBe(200);
  expect(peakBytes).toBeLessThan(96 * MIB);
}, 60_000);
