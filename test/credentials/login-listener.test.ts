import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { PortProblem, openLoginListener } from '../../src/credentials/login-listener.ts';
import type { LoginListener } from '../../src/credentials/login-listener.ts';
import { SUCCESS, declined } from '../../src/credentials/login-pages.ts';
import { createSystem } from '../../src/system.ts';

const STATE = 's'.repeat(43);
const opened: LoginListener[] = [];

afterEach(async () => {
  for (const listener of opened.splice(0)) await listener.close();
});

const open = async (port = 0) => {
  const listener = await openLoginListener(port, STATE, createSystem());
  opened.push(listener);
  return listener;
};

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

const visit = (port: number, path: string, more: { host?: string; method?: string; address?: string } = {}) =>
  new Promise<Answer>((resolve, reject) => {
    const headers = { host: more.host ?? `localhost:${port}` };
    const sent = request(
      { host: more.address ?? '127.0.0.1', port, path, method: more.method ?? 'GET', headers },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => (text += piece));
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
      },
    );
    sent.on('error', reject).end();
  });

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));

describe('S19: the callback listener', () => {
  test.each([
    ['another path', '/callback?code=c&state=STATE', {}, 404],
    ['a dot path', '/./?code=c&state=STATE', {}, 404],
    ['two slashes', '//?code=c&state=STATE', {}, 404],
    ['favicon', '/favicon.ico', {}, 404],
    ['POST', '/?code=c&state=STATE', { method: 'POST' }, 404],
    ['HEAD', '/?code=c&state=STATE', { method: 'HEAD' }, 404],
    ['a foreign host', '/?code=c&state=STATE', { host: 'evil.example' }, 421],
    ['a foreign host with the port', '/?code=c&state=STATE', { host: 'evil.example:PORT' }, 421],
    ['the host without the port', '/?code=c&state=STATE', { host: 'localhost' }, 421],
    ['a wrong state', '/?code=c&state=x', {}, 400],
    ['no state', '/?code=c', {}, 400],
    ['nothing', '/', {}, 400],
  ])('%s is turned away, and the login goes on', async (_, path, more: { host?: string; method?: string }, status) => {
    const listener = await open();
    const host = more.host?.replace('PORT', String(listener.port));
    const answer = await visit(listener.port, path.replace('STATE', STATE), {
      ...more,
      ...(host !== undefined && { host }),
    });
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain(STATE);

    const arriving = visit(listener.port, `/?code=good&state=${STATE}`);
    const { answer: found, show } = await listener.visit;
    expect(found).toEqual({ kind: 'code', code: 'good' });
    show(SUCCESS);
    expect((await arriving).status).toBe(200);
  });

  test.each(['localhost', '127.0.0.1', '[::1]'])('the host %s is ours', async (name) => {
    const listener = await open();
    const arriving = visit(listener.port, `/?code=c&state=${STATE}`, { host: `${name}:${listener.port}` });
    (await listener.visit).show(SUCCESS);
    expect((await arriving).text).toContain('You are logged in');
  });

  test('listens on ::1 as well, where there is one', async () => {
    if (!hasIpv6) return;
    const listener = await open();
    expect((await visit(listener.port, '/x', { address: '::1' })).status).toBe(404);
  });

  test('nothing but loopback is bound', async () => {
    const listener = await open();
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4');
    if (!outside) return;
    await expect(visit(listener.port, '/', { address: outside.address })).rejects.toThrow(/ECONNREFUSED/);
  });

  test('S20: a replay finds nobody, while the first answer still waits for its page', async () => {
    const listener = await open();
    const first = visit(listener.port, `/?code=c&state=${STATE}`);
    const { show } = await listener.visit;
    await expect(visit(listener.port, `/?code=c&state=${STATE}`)).rejects.toThrow(/ECONNREFUSED/);
    show(SUCCESS);
    expect(await first).toMatchObject({ status: 200 });
  });

  test('S21: pages allow nothing and repeat nothing', async () => {
    const listener = await open();
    const arriving = visit(listener.port, `/?error=${encodeURIComponent('<script>alert(1)</script>')}&state=${STATE}`);
    const { answer, show } = await listener.visit;
    if (answer.kind !== 'declined') throw new Error(answer.kind);
    show(declined(answer.error));
    const page = await arriving;
    expect(page.text).toContain('&lt;script&gt;');
    expect(page.text).not.toMatch(/<script|STATE/);
    expect(page.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  test.each(hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'])(
    'S22: a port in use on %s is named as such',
    async (host) => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, host, resolve));
      const { port } = other.address() as AddressInfo;
      const thrown: unknown = await open(port).catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(PortProblem);
      expect(thrown).toMatchObject({ code: 'EADDRINUSE' });
      await new Promise((resolve) => other.close(resolve));
    },
  );
});
