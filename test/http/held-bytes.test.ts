import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readJsonBody } from '../../src/http/body.ts';
import type { MemoryBudget } from '../../src/http/memory-budget.ts';
import { readMultipart } from '../../src/http/multipart.ts';
import { sendJson } from '../../src/http/respond.ts';
import { KEY, openPorch } from '../support/porch.ts';
import type { Porch } from '../support/porch.ts';

const MIB = 1024 * 1024;

describe('the memory that all bodies share', () => {
  let porch: Porch;
  let bodies: MemoryBudget | undefined;
  beforeAll(async () => {
    porch = await openPorch({
      limits: { maxBodyBytes: 64 * MIB, maxBodiesBytes: 70 * MIB },
      mount: (router) => {
        router.post('/v1/inflated', async (ctx) => {
          bodies = ctx.state.server.bodies;
          await readJsonBody(ctx, { compressed: true });
          sendJson(ctx, '{}');
        });
        router.post('/v1/form', async (ctx) => {
          bodies = ctx.state.server.bodies;
          const fields = await readMultipart(ctx, { files: 1 }, () => Promise.resolve());
          sendJson(ctx, JSON.stringify({ fields: fields.length, used: bodies.used }));
        });
      },
    });
  });
  afterAll(() => porch.close());

  const usedNow = () => bodies?.used ?? 0;

  test('is whole again when the client leaves while its body is inflated', async () => {
    const text = JSON.stringify({ text: randomBytes(20 * MIB).toString('hex') });
    const body = zstdCompressSync(text);
    const socket = connect(porch.port, '127.0.0.1');
    socket.write(
      `POST /v1/inflated HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-encoding: zstd\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    await expect.poll(usedNow, { interval: 1 }).toBeGreaterThan(body.length + MIB);
    socket.destroy();
    await expect.poll(() => porch.entries('request').length).toBe(1);
    // What is under way ends by itself, and gives back no more than it took.
    await expect.poll(usedNow).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(usedNow()).toBe(0);
  });

  const formOf = (count: number, bytes: number): FormData => {
    const form = new FormData();
    for (let field = 0; field < count; field += 1) form.append(`field-${field}`, 'x'.repeat(bytes));
    return form;
  };
  const send = async (form: FormData) => {
    const answer = await porch.fetch('/v1/form', { method: 'POST', body: form });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  test('counts the fields of forms, and has them back when the request is over', async () => {
    expect(await send(formOf(4, MIB / 2))).toEqual({ status: 200, body: { fields: 4, used: 2 * MIB } });
    await expect.poll(usedNow).toBe(0);
  });

  test('refuses fields for which there is no room', async () => {
    bodies?.take(69 * MIB, 0);
    try {
      const answer = await send(formOf(4, MIB / 2));
      expect([answer.status, answer.body['reason']]).toEqual([503, 'server_overloaded']);
    } finally {
      bodies?.give(69 * MIB);
    }
    // The connection of a body that was refused lingers for a second.
    await expect.poll(usedNow, { timeout: 10_000 }).toBe(0);
  });
});
