/** What holds on every screen of the console: for all who use it, wherever it stands, whatever it is told. */
import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EndedRequest } from '../../src/usage/request-row.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { openBrowser, openConsole, openVisit, signIn } from './browser.ts';
import type { Visit } from './browser.ts';

const SCREENS = [
  ...['status', 'usage', 'requests', 'keys', 'doors', 'models', 'settings', 'playground', 'connect'],
  'usage?group=model',
] as const;
const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>'"&amp;{{KEY}}`;
const DOORS = 5000;
const KEYS = 500;
const REQUESTS = 10_000;
/** Whatever is drawn, few rows are in the document. */
const MOST_DRAWN = 80;

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

let relay: TestRelay;
let browser: Browser;

const ended = (index: number): EndedRequest => ({
  id: `req_${index}`,
  time: Date.now() - index * 1000,
  key: index % 7 === 0 ? HOSTILE : 'GEMINI_AUTH_PASSWORD',
  door: 'gemini-api:p1',
  format: index % 5 === 0 ? HOSTILE : 'openai',
  route: '/v1/chat/completions',
  model: 'gemini-2.5-flash',
  servedModel: 'gemini-2.5-flash',
  stream: true,
  status: index % 3 === 0 ? 429 : 200,
  reason: index % 3 === 0 ? HOSTILE : undefined,
  ms: 1200,
  firstMs: 300,
  used: [],
  retries: 0,
  client: HOSTILE,
});

beforeAll(async () => {
  const keys = Array.from({ length: DOORS }, (_, index) => `p${index}=AQ.key-of-the-tests-${index}`).join('\n');
  [relay, browser] = await Promise.all([
    startRelay({ env: { DATABASE_URL: undefined, UPSTREAM: 'code-assist,gemini-api', GEMINI_API_KEYS: keys } }),
    openBrowser(),
  ]);
  for (let index = 0; index < REQUESTS; index += 1) {
    relay.relay.parts.ledger.add(ended(index));
    // More than this at once would be dropped.
    if (index % 500 === 499) await relay.relay.parts.ledger.flush();
  }
  for (let index = 0; index < KEYS; index += 1) {
    const made = await relay.post('/console/api/keys', { name: `key-${index}`, ...(index % 2 && { rpm: 5 }) });
    expect(made.status).toBe(200);
  }
});
afterAll(async () => {
  await browser.close();
  await relay.close();
});

/** Shown, with what it asked for. */
const settled = async ({ page, go }: Visit, screen: string): Promise<void> => {
  await go(screen);
  await page.locator('main h1').waitFor();
  await expect.poll(() => page.locator('.loading').count()).toBe(0);
};

const seriousIn = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(AXE);
  return page.evaluate<string[]>(`axe
    .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    .then(({ violations, passes }) => passes.length < 8 ? ['hardly anything was looked at'] : violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)))`);
};

const sideways = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');

describe.each([
  ['light', 1280, 'en-US'],
  ['dark', 390, 'zh-CN'],
] as const)('%s, %i wide, %s', (colorScheme, width, locale) => {
  test('axe finds nothing serious, nothing is wider than the page, and nobody complains', async () => {
    const visit = await openVisit(browser, relay.url, { colorScheme, locale, viewport: { width, height: 844 } });
    // The words of another language come after the page.
    await visit.page.locator('input[type=password]').waitFor();
    const found: string[] = [...(await seriousIn(visit.page))];
    await signIn(visit, relay.key);
    for (const screen of SCREENS) {
      await settled(visit, screen);
      for (const one of await seriousIn(visit.page)) found.push(`${screen}: ${one}`);
      const more = await sideways(visit.page);
      if (more > 0) found.push(`${screen} is ${more} px too wide`);
    }
    for (const screen of ['requests', 'keys', 'doors']) {
      await settled(visit, screen);
      await visit.page.locator('.row').first().click();
      await visit.page.locator('dialog[open]').waitFor();
      for (const one of await seriousIn(visit.page)) found.push(`${screen}, one opened: ${one}`);
      await visit.page.keyboard.press('Escape');
    }
    expect(found).toEqual([]);
    expect(visit.troubles).toEqual([]);
    await visit.context.close();
  }, 90_000);
});

test.each([1440, 1180, 1000, 901, 800, 721])(
  'requests at %i px: no column hides behind a scroll bar',
  async (width) => {
    const visit = await openVisit(browser, relay.url, { locale: 'zh-CN', viewport: { width, height: 700 } });
    const { page } = visit;
    await page.locator('input[type=password]').waitFor();
    await signIn(visit, relay.key);
    await settled(visit, 'requests');
    const [last, hidden] = await page.evaluate<[string, number]>(`(() => {
    const rows = document.querySelector('.rows');
    // As much as a scroll bar takes where it takes room, as on Windows.
    rows.style.marginInlineEnd = '15px';
    return [rows.querySelector('.rows-head').lastElementChild.innerText, rows.scrollWidth - rows.clientWidth];
  })()`);
    expect([last, hidden]).toEqual(['总时', 0]);
    await visit.context.close();
  },
);

test('English and Chinese by the browser, and by choice', async () => {
  const visit = await openConsole(browser, relay, { locale: 'zh-CN' });
  const { page } = visit;
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
  for (const screen of SCREENS) {
    await settled(visit, screen);
    // A word that has no text would be shown by its name.
    expect(await page.locator('main h1').innerText()).toMatch(/\p{Script=Han}/u);
    expect(await page.locator('body').innerText()).not.toMatch(/undefined|\b(?:screen|request|door|key)\.[a-z]/);
  }
  await settled(visit, 'settings?find=MAX_RETRIES');
  await page.locator('.setting-act button').click();
  await page.getByLabel('MAX_RETRIES', { exact: true }).fill('many');
  await page.locator('.setting-edit [type=submit]').click();
  expect(await page.locator('.field-error').innerText()).toBe('MAX_RETRIES 必须是 0 到 10 的整数。');
  await settled(visit, 'usage');
  await page.getByRole('radio', { name: 'English' }).check();
  await page.getByRole('heading', { name: 'Usage', level: 1 }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Usage', level: 1 }).waitFor();
  await page.getByRole('radio', { name: 'Dark' }).check();
  expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('dark');
  await visit.context.close();
});

test('a walk by keyboard: in, past the menu, along the rows, into one and back', async () => {
  const visit = await openVisit(browser, relay.url);
  const { page } = visit;
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = (): Promise<string> =>
    page.evaluate<string>("document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText");
  await page.locator('input[type=password]').waitFor();
  await page.keyboard.type(relay.key);
  await press('Enter');
  await page.locator('nav').waitFor();
  await page.evaluate('document.activeElement.blur()');
  await press('Tab');
  expect(await focused()).toBe('To the content');
  await press('Tab', 'Tab', 'Tab');
  expect(await focused()).toBe('Requests');
  await press('Enter');
  await page.locator('.row').first().waitFor();
  // The screen that was opened has the focus; behind its filters come the rows.
  const isRow = (): Promise<boolean> => page.evaluate<boolean>("document.activeElement.getAttribute('role') === 'row'");
  for (let tabs = 0; tabs < 8 && !(await isRow()); tabs += 1) await press('Tab');
  const first = await focused();
  await press('ArrowDown');
  const second = await focused();
  expect(second).not.toBe(first);
  await press('Enter');
  await page.locator('dialog[open]').waitFor();
  expect(await page.evaluate("document.activeElement.closest('dialog') !== null")).toBe(true);
  await press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
  expect(await focused()).toBe(second);
  expect(visit.troubles).toEqual([]);
  await visit.context.close();
});

test('ten thousand requests, five thousand doors and five hundred keys: few of them are drawn, all are found', async () => {
  const visit = await openConsole(browser, relay);
  const { page } = visit;
  await settled(visit, 'requests');
  const toEnd = async (): Promise<number> => {
    await page.evaluate("document.querySelector('.rows').scrollTop = 1e9");
    expect(await page.locator('.row').count()).toBeLessThan(MOST_DRAWN);
    return Number(await page.locator('.rows').getAttribute('aria-rowcount'));
  };
  // The head is a row as well.
  await expect.poll(toEnd, { timeout: 20_000, interval: 20 }).toBe(REQUESTS + 1);
  await settled(visit, 'doors');
  expect(await page.locator('.row').count()).toBeLessThan(MOST_DRAWN);
  await page.getByLabel('Name of a door').fill('p4321');
  await page.locator('.row', { hasText: 'gemini-api:p4321' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
  await page.getByRole('dialog').getByText('switched off', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await settled(visit, 'keys');
  expect(await page.locator('.row').count()).toBeLessThan(MOST_DRAWN);
  // As people count, not as letters do.
  const names = await page.locator('.row .row-name').allInnerTexts();
  expect(names.slice(names.indexOf('key-2')).slice(0, 3)).toEqual(['key-2', 'key-3', 'key-4']);
  await page.getByLabel('Name or first letters').fill('key-499');
  await page.locator('.row', { hasText: 'key-499' }).waitFor();
  expect(visit.troubles).toEqual([]);
  await visit.context.close();
});

describe('hostile words', () => {
  test('of keys, formats, reasons and clients are shown as they are', async () => {
    const visit = await openConsole(browser, relay);
    const { page } = visit;
    for (const screen of ['requests', 'usage?group=key', 'usage?group=format', 'status']) {
      await settled(visit, screen);
      await page.locator('main').getByText('<img src=x').filter({ visible: true }).first().waitFor();
    }
    await settled(visit, 'requests');
    await page.locator('.row').first().click();
    expect(await page.locator('dialog').innerText()).toContain('onerror="window.hacked=1"');
    await page.keyboard.press('Escape');
    await settled(visit, `requests?key=${encodeURIComponent(HOSTILE)}&status=${encodeURIComponent(HOSTILE)}`);
    await settled(visit, `playground?model=${encodeURIComponent(HOSTILE)}`);
    await settled(visit, `connect?client=${encodeURIComponent(HOSTILE)}`);
    await settled(visit, `settings?find=${encodeURIComponent(HOSTILE)}`);
    await untouched(visit);
  });

  test('of models and of Google, in answers and in errors', async () => {
    const visit = await openConsole(browser, relay);
    const { page } = visit;
    await settled(visit, 'playground');
    relay.simulator.answer({
      candidates: [{ content: { role: 'model', parts: [{ text: HOSTILE }] }, finishReason: 'STOP' }],
    });
    await page.getByRole('textbox', { name: 'Message' }).fill(HOSTILE);
    await page.keyboard.press('Enter');
    await page.locator('.answered .said', { hasText: 'onerror' }).waitFor();
    await page.getByLabel('Model', { exact: true }).fill(`gemini-${HOSTILE}`);
    await page.getByRole('textbox', { name: 'Message' }).fill('And?');
    await page.keyboard.press('Enter');
    await page.locator('.round-foot').nth(1).waitFor();
    await untouched(visit);
  });

  const untouched = async ({ page, troubles, context }: Visit): Promise<void> => {
    expect(await page.evaluate('window.hacked')).toBe(undefined);
    expect(await page.locator('img[onerror], main script').count()).toBe(0);
    expect(troubles).toEqual([]);
    await context.close();
  };
});

/** A server of somebody else. */
const serve = async (answer: Parameters<typeof createServer>[1]): Promise<{ url: string; server: Server }> => {
  const server = createServer({}, answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve();
    });
  });
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, server };
};

test('inside a foreign frame, where looking at the storage throws', async () => {
  const { url, server } = await serve((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><iframe src="${relay.url}/console" width="1100" height="700"></iframe>`);
  });
  const context = await browser.newContext({ locale: 'en-US' });
  // As Chromium does for a page of another site whose storage is blocked.
  await context.addInitScript(`for (const name of ['sessionStorage', 'localStorage']) {
    Object.defineProperty(window, name, { get() { throw new DOMException('Access is denied.', 'SecurityError'); } });
  }`);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  await page.goto(url);
  const frame = page.frameLocator('iframe');
  await frame.getByLabel("Owner's key").fill(relay.key);
  await frame.getByLabel("Owner's key").press('Enter');
  await frame.getByRole('link', { name: 'Models' }).click();
  await frame.getByRole('radio', { name: '中文' }).check();
  await frame.getByRole('heading', { name: '模型', level: 1 }).waitFor();
  await frame.locator('tbody tr').first().waitFor();
  expect(troubles).toEqual([]);
  await context.close();
  server.close();
});

test('behind the prefix of a reverse proxy', async () => {
  const { url, server } = await serve((incoming, response) => {
    const path = /^\/deep\/relay(\/.*)$/.exec(incoming.url ?? '')?.[1];
    if (path === undefined) {
      response.writeHead(418).end();
      return;
    }
    const headers = { ...incoming.headers, 'x-forwarded-prefix': '/deep/relay' };
    const passed = request(relay.url + path, { method: incoming.method ?? 'GET', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(passed);
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
  });
  // With the last slash as well.
  const visit = await openVisit(browser, `${url}/deep/relay`);
  const { page } = visit;
  await page.goto(`${url}/deep/relay/console/`);
  await signIn(visit, relay.key);
  for (const screen of ['usage', 'requests', 'models']) await settled(visit, screen);
  await settled(visit, 'playground');
  await page.getByRole('textbox', { name: 'Message' }).fill('Hello');
  await page.keyboard.press('Enter');
  await page.locator('.round-foot').waitFor();
  expect(page.url()).toMatch(/\/deep\/relay\/console#/);
  expect(visit.troubles).toEqual([]);
  await visit.context.close();
  server.close();
});

// Last: the others look for rows that these push down.
test('requests: what does not fit goes at once, and the row in focus stays where it is while others come', async () => {
  const visit = await openConsole(browser, relay);
  const { page, troubles } = visit;
  await settled(visit, 'requests');
  await page.locator('.row').first().waitFor();
  await page.route(/\/api\/requests\?.*status=error/, (route) => route.abort());
  await visit.go('requests?status=error');
  await page.locator('.notice-bad').waitFor();
  expect(await page.locator('.row').allInnerTexts()).not.toContainEqual(expect.stringContaining('200'));
  await page.unroute(/\/api\/requests\?.*status=error/);

  await settled(visit, 'requests');
  await page.locator('.row').nth(2).waitFor();
  await page.keyboard.press('Tab');
  const inFocus = (): Promise<string> =>
    page.evaluate<string>('document.activeElement.className + document.activeElement.innerText');
  for (let tabs = 0; tabs < 12 && !(await inFocus()).startsWith('row '); tabs += 1) await page.keyboard.press('Tab');
  const before = await inFocus();
  expect(before).toMatch(/^row /);
  for (let count = 0; count < 40; count += 1) await (await relay.fetch('/v1/models')).arrayBuffer();
  await page.locator('.rows-new').waitFor();
  expect(await inFocus()).toBe(before);
  expect(troubles.filter((one) => !one.includes('ERR_FAILED'))).toEqual([]);
  await visit.context.close();
});
