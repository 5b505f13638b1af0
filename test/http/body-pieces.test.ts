import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bodyPieces } from '../../src/http/body-pieces.ts';
import { sendJson } from '../../src/http/respond.ts';
import { KEY, openPorch } from '../support/porch.ts';
import type { Porch } from '../support/porch.ts';

let porch: Porch;
const came: Buffer[] = [];
beforeAll(async () => {
  porch = await openPorch({
    mount: (router) => {
      router.post('/v1/passed', async (ctx) => {
        came.length = 0;
        for await (const piece of bodyPieces(ctx)) {
          came.push(piece);
          await new Promise(setImmediate);
        }
        sendJson(ctx, '{}');
      });
    },
  });
});
afterAll(() => porch.close());

test('R25: what comes byte by byte is read in large pieces, whole and in order', async () => {
  const text = Array.from({ length: 100_000 }, (_, index) => String.fromCharCode(97 + (index % 23))).join('');
  const socket = connect(porch.port, '127.0.0.1');
  socket.write(
    `POST /v1/passed HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ntransfer-encoding: chunked\r\n\r\n`,
  );
  socket.write(`${text.replaceAll(/./g, '1\r\n$&\r\n')}0\r\n\r\n`);
  expect(String(await once(socket, 'data'))).toContain('200 OK');
  socket.destroy();
  expect(Buffer.concat(came).toString()).toBe(text);
  expect(came.length).toBeLessThan(1000);
});
