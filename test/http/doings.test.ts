import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import { KEY, openPorch } from '../support/porch.ts';

const fault = (): RelayError => new RelayError('INTERNAL', 'A bug.');

test('what a request sets off is its own while it lasts, and nobody is held once it has ended', async () => {
  const ended = Promise.withResolvers<boolean>();
  const porch = await openPorch({
    mount: (router) => {
      router.post('/v1/fail', async () => {
        await delay(10);
        expect(porch.app.failCurrent(fault())).toBe(true);
      });
      router.post('/v1/outlive', (ctx) => {
        // As a connection to Google does, which stays when the request that needed it has gone.
        ctx.res.on('close', () => {
          setTimeout(() => {
            ended.resolve(porch.app.failCurrent(fault()));
          }, 10);
        });
        ctx.respond = false;
        ctx.res.end('{}');
        return Promise.resolve();
      });
    },
  });
  const failed = await porch.fetch('/v1/fail', { method: 'POST' });
  expect(failed.status).toBe(500);
  await failed.text();
  const answered = await porch.fetch('/v1/outlive', { method: 'POST' });
  expect(await answered.text()).toBe('{}');
  expect(await ended.promise).toBe(false);
  expect(porch.app.failCurrent(fault())).toBe(false);
  await porch.close();
});

test('of requests that begin in the same turn each has its own fault', async () => {
  const porch = await openPorch({
    mount: (router) => {
      router.post('/v1/fail', async (ctx) => {
        await delay(10);
        // Where the fault is another's, this one has an ordinary answer.
        ctx.body = String(porch.app.failCurrent(fault()));
      });
      router.post('/v1/work', async (ctx) => {
        await delay(20);
        ctx.body = '{}';
      });
    },
  });
  const socket = connect(porch.port, '127.0.0.1').setEncoding('latin1');
  let heard = '';
  socket.on('data', (text: string) => (heard += text));
  const post = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-length: 0\r\n\r\n`;
  socket.write(post('/v1/fail') + post('/v1/work') + post('/v1/fail'));
  const statuses = (): readonly string[] =>
    Array.from(heard.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status = '']) => status);
  await expect.poll(statuses).toEqual(['500', '200', '500']);
  socket.destroy();
  await porch.close();
});
