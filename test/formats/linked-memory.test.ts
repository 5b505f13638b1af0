/** What a request links to is in memory like its body, and counts like it. */
import { afterEach, expect, test } from 'vitest';
import { fetchImages } from '../../src/formats/remote-images.ts';
import { fetchedBytes } from '../../src/http/fetched-bytes.ts';
import { createRemoteImages } from '../../src/images/remote-images.ts';
import { createSystem } from '../../src/system.ts';
import { createTestReach, PNG, startImageServer } from '../images/support.ts';
import type { TestServer } from '../images/support.ts';
import { KEY, openPorch } from '../support/porch.ts';
import type { Porch } from '../support/porch.ts';

const PICTURE = Buffer.concat([PNG, Buffer.alloc(1_000_000)]);

let porch: Porch | undefined;
let server: TestServer | undefined;
afterEach(async () => {
  await porch?.close();
  await server?.close();
});

/** An address that has so many pictures of a megabyte fetched, and tells how much of them is held afterwards. */
const open = async (limits: { maxBodyBytes: number; maxBodiesBytes: number; maxWorkBytes?: number }) => {
  server = await startImageServer((_req, res) => res.end(PICTURE));
  const images = createRemoteImages({
    enabled: true,
    system: createSystem(),
    reach: createTestReach(server.port).reach,
    resolve: () => Promise.resolve(['93.184.216.34']),
  });
  let most = 0;
  porch = await openPorch({
    limits: { ...limits, queueTimeoutMs: 200 },
    mount: (router) => {
      router.get('/v1/linked/:count', async (ctx) => {
        const { bodies, workMemory } = ctx.state.server;
        const counted = fetchedBytes(ctx);
        const bytes = {
          ...counted,
          hold: (more: number): void => {
            counted.hold(more);
            most = Math.max(most, bodies.used);
          },
        };
        const wanted = Array.from({ length: Number(ctx.params['count']) }, (_none, at) => ({
          url: `https://images.example/${at}`,
          param: `messages[${at}]`,
        }));
        const { signal } = ctx.state;
        const fetched = await fetchImages(wanted, { images, signal, caller: 'one', bytes });
        ctx.body = { count: fetched.size, bodies: bodies.used, work: workMemory.used };
      });
    },
  });
  const ask = async (count: number) => {
    const answer = await porch?.fetch(`/v1/linked/${count}`, { headers: { 'x-api-key': KEY } });
    return { status: answer?.status, body: await answer?.json() };
  };
  return { ask, most: () => most };
};

test('while it comes it is held with the bodies, then its base64 with what is made of them', async () => {
  const { ask, most } = await open({ maxBodyBytes: 4_000_000, maxBodiesBytes: 4_000_000 });
  const { status, body } = await ask(3);
  expect([status, body]).toEqual([200, { count: 3, bodies: 0, work: 4 * 3 * PICTURE.length }]);
  expect(most()).toBe(3 * PICTURE.length);
  // It was given back: the next one finds as much.
  expect(await ask(3)).toEqual({ status, body });
});

test('all that one request links to is no larger than a body may be', async () => {
  const { ask } = await open({ maxBodyBytes: 2_500_000, maxBodiesBytes: 100_000_000 });
  expect((await ask(2)).status).toBe(200);
  expect(await ask(3)).toMatchObject({ status: 413, body: { reason: 'request_too_large' } });
  expect((await ask(2)).status).toBe(200);
});

test('what all requests link to is no more than the memory for bodies, and what is made of it has to find room', async () => {
  const { ask } = await open({ maxBodyBytes: 10_000_000, maxBodiesBytes: 2_500_000, maxWorkBytes: 8_000_000 });
  expect(await ask(3)).toMatchObject({ status: 503, body: { reason: 'server_overloaded' } });
  // 7 of 8 MB are for one that takes 8.
  expect(await ask(2)).toMatchObject({ status: 413, body: { reason: 'request_too_large' } });
  expect((await ask(1)).status).toBe(200);
});
