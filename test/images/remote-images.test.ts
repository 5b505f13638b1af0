import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import { createReach } from '../../src/images/reach.ts';
import { createRemoteImages, type RemoteImages } from '../../src/images/remote-images.ts';
import { createSystem } from '../../src/system.ts';
import { createVirtualSystem, until } from '../support/virtual-system.ts';
import { CERTIFICATE, createTestReach, PNG, startImageServer, startProxy, type TestServer } from './support.ts';

const PUBLIC = '93.184.216.34';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>';
const PDF = '%PDF-1.7\n%';
const MEBIBYTE = 1024 * 1024;

interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const startServer = async (): Promise<{ port: number; asked: Asked[]; open: () => number; release: () => void }> => {
  const asked: Asked[] = [];
  const held: (() => void)[] = [];
  const server = await startImageServer((req, res) => {
    const path = req.url ?? '';
    asked.push({ path, headers: req.headers });
    const redirect = /^\/to\/(.*)$/.exec(path)?.[1];
    if (redirect !== undefined) {
      // Headers carry bytes: UTF-8 goes as latin1.
      const location = Buffer.from(decodeURIComponent(redirect)).toString('latin1');
      res.writeHead(302, { location }).end('elsewhere');
    } else if (path === '/svg') res.end(SVG);
    else if (path === '/lying') res.writeHead(200, { 'content-type': 'image/png' }).end(SVG);
    else if (path === '/pdf') res.end(PDF);
    else if (path === '/404') res.writeHead(404).end(PNG);
    else if (path === '/gzip') res.writeHead(200, { 'content-encoding': 'gzip' }).end(PNG);
    else if (path === '/declared') res.writeHead(200, { 'content-length': 20 * MEBIBYTE + 1 }).write(PNG);
    else if (path === '/endless') {
      res.write(PNG);
      for (let sent = 0; sent <= 21; sent += 1) res.write(Buffer.alloc(MEBIBYTE));
    } else if (path === '/silent') return;
    else if (path === '/cut') {
      res.writeHead(200, { 'content-length': 1000 });
      res.write(PNG, () => res.destroy());
    } else if (path === '/held') held.push(() => res.end(PNG));
    else res.writeHead(200, { 'content-type': 'text/plain' }).end(PNG);
  });
  servers.push(server);
  return {
    port: server.port,
    asked,
    open: () => held.length,
    release: () => {
      for (const answer of held.splice(0)) answer();
    },
  };
};

const createImages = (
  port: number,
  more: { resolve?: (host: string) => Promise<readonly string[]>; enabled?: boolean } = {},
): { images: RemoteImages; reached: string[]; resolved: string[] } => {
  const { reach, reached } = createTestReach(port);
  const resolved: string[] = [];
  const resolve = more.resolve ?? (() => Promise.resolve([PUBLIC]));
  const images = createRemoteImages({
    enabled: more.enabled ?? true,
    system: createSystem(),
    reach,
    resolve: (host) => {
      resolved.push(host);
      return resolve(host);
    },
  });
  return { images, reached, resolved };
};

const asker = { signal: new AbortController().signal, caller: 'one', hold: () => undefined };

const failure = async (promise: Promise<unknown>): Promise<RelayError> => {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RelayError) return error;
  throw new Error('no RelayError', { cause: error });
};

const to = (url: string): string => `https://images.example/to/${encodeURIComponent(url)}`;

describe('S17: a remote image', () => {
  it('comes with the type that its bytes say', async () => {
    const { port, asked } = await startServer();
    const { images, reached, resolved } = createImages(port);
    expect(await images.fetch('https://images.example/a.bin?size=1#here', asker)).toEqual({
      mimeType: 'image/png',
      bytes: PNG,
    });
    expect(reached).toEqual([`${PUBLIC}:443`]);
    expect(resolved).toEqual(['images.example']);
    expect(asked).toMatchObject([{ path: '/a.bin?size=1', headers: { host: 'images.example', accept: 'image/*' } }]);
    for (const name of ['cookie', 'authorization', 'referer']) expect(asked[0]?.headers).not.toHaveProperty(name);
  });

  it('may be a PDF where a document is expected, and nothing else', async () => {
    const { port, asked } = await startServer();
    const { images } = createImages(port);
    expect(await images.fetch('https://images.example/pdf', asker, 'document')).toEqual({
      mimeType: 'application/pdf',
      bytes: Buffer.from(PDF),
    });
    expect(asked).toMatchObject([{ headers: { accept: 'application/pdf' } }]);
    for (const [path, kind] of [
      ['pdf', 'image'],
      ['image', 'document'],
    ] as const) {
      const refused = await failure(images.fetch(`https://images.example/${path}`, asker, kind));
      expect([refused.reason, refused.message]).toEqual(['invalid_image_url', expect.stringContaining(`The ${kind} `)]);
    }
  });

  it('is told of as it comes, and ends where there is no room for it', async () => {
    const { port } = await startServer();
    const { images } = createImages(port);
    let come = 0;
    const full = new RelayError('UNAVAILABLE', 'no room', { reason: 'server_overloaded' });
    const hold = (bytes: number): void => {
      come += bytes;
      if (come > MEBIBYTE) throw full;
    };
    expect(await failure(images.fetch('https://images.example/endless', { ...asker, hold }))).toBe(full);
    expect(come).toBeLessThan(3 * MEBIBYTE);
  });

  it('may be three redirects away, absolute and relative', async () => {
    const { port, asked } = await startServer();
    const { images, reached, resolved } = createImages(port);
    const third = `/to/${encodeURIComponent('https://two.images.example/image')}`;
    const image = await images.fetch(to(`https://one.images.example/to/${encodeURIComponent(third)}`), asker);
    expect(image.mimeType).toBe('image/png');
    expect(resolved).toEqual(['images.example', 'one.images.example', 'one.images.example', 'two.images.example']);
    expect(reached).toHaveLength(4);
    expect(asked.at(-1)?.headers.host).toBe('two.images.example');
  });

  it('is not four redirects away', async () => {
    const { port, asked } = await startServer();
    const { images } = createImages(port);
    let url = 'https://images.example/image';
    for (let hop = 0; hop < 4; hop += 1) url = to(url);
    expect(await failure(images.fetch(url, asker))).toMatchObject({ reason: 'invalid_image_url' });
    expect(asked).toHaveLength(4);
  });

  it('comes from the second address where the first does not answer', async () => {
    const { port } = await startServer();
    const { reach, reached } = createTestReach(port);
    const dead = createTestReach(1);
    const images = createRemoteImages({
      enabled: true,
      system: createSystem(),
      reach: (target) => (target.address === PUBLIC ? dead.reach(target) : reach(target)),
      resolve: () => Promise.resolve(['2606:4700::1111', PUBLIC]),
    });
    expect((await images.fetch('https://images.example/', asker)).mimeType).toBe('image/png');
    expect([dead.reached, reached]).toEqual([[`${PUBLIC}:443`], ['2606:4700::1111:443']]);
  });

  it('is refused where the owner said so', async () => {
    const { port } = await startServer();
    const { images, reached } = createImages(port, { enabled: false });
    expect(await failure(images.fetch('https://images.example/', asker))).toMatchObject({
      status: 400,
      reason: 'remote_images_disabled',
    });
    expect(reached).toEqual([]);
  });

  it('is fetched four at once', async () => {
    const { port, open, release } = await startServer();
    const { images } = createImages(port);
    const fetched = Array.from({ length: 6 }, () => images.fetch('https://images.example/held', asker));
    await until('four requests', () => open() === 4);
    release();
    await until('the other two', () => open() === 2);
    release();
    expect(await Promise.all(fetched)).toHaveLength(6);
  });

  it('does not outlive its client', async () => {
    const { port, asked } = await startServer();
    const { images } = createImages(port);
    const client = new AbortController();
    const left = new RelayError('CANCELLED', 'left');
    const fetched = failure(images.fetch('https://images.example/silent', { ...asker, signal: client.signal }));
    await until('the request', () => asked.length === 1);
    client.abort(left);
    expect(await fetched).toBe(left);
  });

  it('takes ten seconds at most, with all its redirects', async () => {
    const { port, asked } = await startServer();
    const system = createVirtualSystem();
    const { reach } = createTestReach(port);
    const images = createRemoteImages({ enabled: true, system, reach, resolve: () => Promise.resolve([PUBLIC]) });
    const fetched = failure(images.fetch(to('/silent'), asker));
    await until('the second request', () => asked.length === 2);
    await system.advance(9_999);
    expect(system.sleepers()).toBe(1);
    await system.advance(1);
    expect(await fetched).toMatchObject({ reason: 'invalid_image_url' });
  });

  it('waits for no resolver that does not answer', async () => {
    const system = createVirtualSystem();
    const { reach } = createTestReach(1);
    const resolve = (_host: string, given: AbortSignal): Promise<never> =>
      new Promise((_found, fail) => {
        given.addEventListener('abort', () => {
          fail(given.reason as Error);
        });
      });
    const images = createRemoteImages({ enabled: true, system, reach, resolve });
    const fetched = failure(images.fetch('https://images.example/', asker));
    await system.advance(10_000);
    expect(await fetched).toMatchObject({ reason: 'invalid_image_url' });
  });
});

describe('S18: what is no public image', () => {
  it('H147: blocked, unreachable and wrong have the same answer', async () => {
    const { port } = await startServer();
    const { images } = createImages(port, {
      resolve: (host) =>
        host === 'nowhere.example' ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve([PUBLIC]),
    });
    const urls = [
      'https://127.0.0.1/',
      'https://nowhere.example/',
      'https://images.example/svg',
      'https://images.example/lying',
      'https://images.example/404',
      'https://images.example/gzip',
      'https://images.example/declared',
      'https://images.example/endless',
      'https://images.example/cut',
      'https://wrong-name.example/',
      'not an address',
      to('https://169.254.169.254/latest/meta-data/'),
    ];
    const errors = await Promise.all(urls.map((url) => failure(images.fetch(url, asker))));
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', status: 400, reason: 'invalid_image_url' });
    }
    expect(new Set(errors.map(({ message }) => message)).size).toBe(1);
  });

  it.each([
    'http://images.example/',
    'ftp://images.example/',
    'file:///etc/passwd',
    'data:image/png;base64,AA==',
    'https://images.example:8443/',
    'https://user@images.example/',
    'https://user:secret@images.example/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://017700000001/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://127.1/',
    'https://0/',
    'https://134744072/',
    'https://8.8.2056/',
    'https://010.8.8.8/',
    'https://８.８.８.８/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://metadata.example/',
    'https://mixed.example/',
    'https://mapped.example/',
    'https://empty.example/',
    `https://images.example/${'x'.repeat(9000)}`,
  ])('leads to no connection: %s', async (url) => {
    const { port } = await startServer();
    const answers: Record<string, readonly string[]> = {
      'metadata.example': ['169.254.169.254'],
      'mixed.example': [PUBLIC, '10.0.0.1'],
      'mapped.example': ['::ffff:10.0.0.1'],
      'empty.example': [],
    };
    const { images, reached } = createImages(port, { resolve: (host) => Promise.resolve(answers[host] ?? [PUBLIC]) });
    await failure(images.fetch(url, asker));
    await failure(images.fetch(to(url), asker));
    // The redirect's own place was asked, where its address was short enough, and nothing else.
    expect(reached.filter((target) => target !== `${PUBLIC}:443`)).toEqual([]);
    expect(reached.length).toBeLessThanOrEqual(1);
  });

  it('a name is resolved once for each hop, and what was checked is what is connected to', async () => {
    const { port } = await startServer();
    const answers = [[PUBLIC], ['127.0.0.1']];
    const { images, reached, resolved } = createImages(port, {
      resolve: () => Promise.resolve(answers.shift() ?? ['127.0.0.1']),
    });
    expect((await images.fetch('https://images.example/', asker)).mimeType).toBe('image/png');
    await failure(images.fetch('https://images.example/', asker));
    expect(resolved).toHaveLength(2);
    expect(reached).toEqual([`${PUBLIC}:443`]);
  });
});

describe('createReach', () => {
  const start = async (noProxy?: string) => {
    const { port, asked } = await startServer();
    const proxy = await startProxy(port);
    servers.push(proxy);
    const proxies = { httpsProxy: `http://127.0.0.1:${proxy.port}`, httpProxy: undefined, noProxy };
    const images = createRemoteImages({
      enabled: true,
      system: createSystem(),
      reach: createReach(proxies, { ca: CERTIFICATE }),
      resolve: (host) => Promise.resolve([host.startsWith('six') ? '2606:4700::1111' : PUBLIC]),
    });
    return { images, proxy, asked };
  };

  it('S17: asks a proxy for the checked address, and the server for its name', async () => {
    const { images, proxy, asked } = await start('other.example, .elsewhere.example');
    expect((await images.fetch('https://images.example/', asker)).mimeType).toBe('image/png');
    expect((await images.fetch('https://six.images.example/', asker)).mimeType).toBe('image/png');
    expect(proxy.targets).toEqual([`${PUBLIC}:443`, '[2606:4700::1111]:443']);
    expect(asked.map(({ headers }) => headers.host)).toEqual(['images.example', 'six.images.example']);
  });

  it('checks the certificate behind a proxy, too', async () => {
    const { images, asked } = await start();
    await failure(images.fetch('https://wrong-name.example/', asker));
    expect(asked).toEqual([]);
  });

  it.each(['*', 'images.example', '.example', 'x, images.example:443', '*.example'])(
    'goes past the proxy for NO_PROXY=%s',
    async (noProxy) => {
      const proxies = { httpsProxy: 'http://127.0.0.1:1', httpProxy: undefined, noProxy };
      const direct = createReach(proxies)({ address: PUBLIC, host: 'images.example' });
      const proxied = createReach(proxies)({ address: PUBLIC, host: 'images.test' });
      expect(direct.constructor.name).toBe('Agent');
      expect(proxied.constructor.name).toBe(noProxy === '*' ? 'Agent' : 'ProxyAgent');
      await direct.destroy();
      await proxied.destroy();
    },
  );
});
