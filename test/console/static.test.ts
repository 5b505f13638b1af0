import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPageFiles } from '../../src/console/page-files.ts';
import { createRelease } from '../../src/console/page-release.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());

/** As a browser asks: nothing is unpacked, no key is shown. */
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(relay.url + path, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    asked.on('error', reject);
    asked.end();
  });

const linksOf = (page: string): readonly string[] =>
  [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link);

describe('the page', () => {
  test('needs no key, is looked at anew each time, and may stand in a frame', async () => {
    const { status, headers, body } = await ask('/console');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    expect(headers).not.toHaveProperty('x-frame-options');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/unsafe|frame-ancestors/);
    expect(body.toString()).not.toMatch(/<script>|<style|style=| on\w+="/);
    const again = await ask('/console', { 'if-none-match': String(headers['etag']) });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  test('leads from its own folder back to its address, whatever stands before', async () => {
    const { status, headers } = await ask('/console/');
    expect([status, headers['location']]).toEqual([308, '../console']);
  });

  test('all that it names is there, relative, for ever, and in each encoding', async () => {
    const links = linksOf((await ask('/console')).body.toString());
    expect(links.length).toBeGreaterThan(20);
    for (const link of links) {
      expect(link).toMatch(/^console\//);
      const plain = await ask(`/${link}`);
      expect([link, plain.status]).toEqual([link, 200]);
      expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      const [br, gzip] = [
        await ask(`/${link}`, { 'accept-encoding': 'gzip, br' }),
        await ask(`/${link}`, { 'accept-encoding': 'gzip, br;q=0' }),
      ];
      expect([br.headers['content-encoding'], gzip.headers['content-encoding']]).toEqual(['br', 'gzip']);
      expect(brotliDecompressSync(br.body).equals(plain.body)).toBe(true);
      expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
      expect(br.headers['vary']).toContain('Accept-Encoding');
    }
  });

  test('its files are no lines in the log, where nobody looks for them', async () => {
    const quiet = await startRelay({ env: { LOG_LEVEL: 'info' } });
    try {
      const page = await (await fetch(`${quiet.url}/console`)).text();
      for (const link of linksOf(page)) expect((await fetch(`${quiet.url}/${link}`)).status).toBe(200);
      await fetch(`${quiet.url}/console/old/app.js`);
      const lines = quiet.logs.filter((line) => line.includes('"message":"request"'));
      expect(lines.map((line) => (JSON.parse(line) as { status: number }).status)).toEqual([200, 404]);
    } finally {
      await quiet.close();
    }
  });

  test('a web page elsewhere is not invited', async () => {
    const { headers } = await ask('/console', { origin: 'https://elsewhere.example' });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('what is not of it, is not there', async () => {
    const page = (await ask('/console')).body.toString();
    const release = /console\/([^/]+)\/app\.js/.exec(page)?.[1] ?? '';
    for (const path of ['/console/old/app.js', `/console/${release}/page.ts`, `/console/${release}/../static.ts`]) {
      expect([path, (await ask(path, { 'x-api-key': relay.key })).status]).toEqual([path, 404]);
    }
    expect((await ask('/console', { 'x-api-key': relay.key }, 'POST')).status).toBe(404);
    expect((await ask('/console', {}, 'HEAD')).body.length).toBe(0);
  });
});

describe('a release', () => {
  test('the first load is under 60 kB', async () => {
    const { page, assets, name } = createRelease(await readPageFiles());
    const first = linksOf(page.plain.toString()).map((link) => link.slice(`console/${name}/`.length));
    // What every screen needs, the words of one language, and the first screen with all that it imports.
    const needed = [...new Set([...first, 'words/zh.js', ...filesOf(assets, 'screens/status')])];
    const sizes = [page, ...needed.map((path) => assets.get(path))].map(
      async (asset) => (await asset?.packed('gzip'))?.length ?? Number.NaN,
    );
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeLessThan(60_000);
  });

  test('is named anew when any file changes', () => {
    const files = [
      { path: 'index.html', text: '<script type="module" src="console/{release}/app.js"></script>' },
      { path: 'app.js', text: "import { h } from './deep/other.js';" },
      { path: 'deep/other.js', text: "export { h } from 'preact';" },
    ];
    const changed = files.map((file) => (file.path === 'deep/other.js' ? { ...file, text: `${file.text}\n` } : file));
    const [one, same, other] = [files, files, changed].map(createRelease);
    expect(same?.name).toBe(one?.name);
    expect(other?.name).not.toBe(one?.name);
    expect(one?.assets.get('deep/other.js')?.plain.toString()).toBe("export { h } from '../packages/preact.js';");
  });

  test('imports by address only', async () => {
    const { assets } = createRelease(await readPageFiles());
    for (const [path, { plain, type }] of assets) {
      if (!type.startsWith('text/javascript')) continue;
      for (const [, specifier = ''] of withoutComments(plain).matchAll(/\b(?:from|import)\s*\(?["']([^"']+)["']/g)) {
        expect(specifier).toMatch(/^\.\.?\//);
        const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
        expect([path, specifier, assets.has(target)]).toEqual([path, specifier, true]);
      }
    }
  });
});

const withoutComments = (text: Buffer): string => text.toString().replaceAll(/\/\*\*[\s\S]*?\*\//g, '');

const filesOf = (assets: ReadonlyMap<string, unknown>, folder: string): readonly string[] =>
  [...assets.keys()].filter((path) => path.startsWith(folder));
