/** A real browser, and pages that tell what went wrong in them. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const openBrowser = (): Promise<Browser> => {
  const executablePath = PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) throw new Error('Chromium is not installed: apt-get install chromium');
  // As root, Chromium has no sandbox of its own.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
};

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts and of the console, broken policies among them, and addresses outside the relay. */
  readonly troubles: string[];
  readonly go: (screen: string) => Promise<void>;
}

/** What a browser says of a request that was meant to fail: the page shows it in its own words. */
const EXPECTED = /Failed to load resource: the server responded with a status of (?:4\d\d|5\d\d)/;

export const openVisit = async (browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> => {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
    locale: 'en-US',
    ...options,
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !EXPECTED.test(message.text())) troubles.push(message.text());
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(url).origin) troubles.push(`asked ${request.url()}`);
  });
  await page.goto(`${url}/console`);
  return {
    page,
    context,
    troubles,
    go: async (screen) => {
      // From one part of an address to another: nothing is loaded anew.
      await page.goto(`${url}/console#/${screen}`);
    },
  };
};

export const signIn = async ({ page }: Visit, key: string): Promise<void> => {
  await page.locator('input[type=password]').fill(key);
  await page.keyboard.press('Enter');
  // The sign-in has a heading as well, which bears the relay's name: whoever went on then could be before the session.
  await page.locator('main h1').filter({ hasNotText: 'gemini-cli-relay' }).waitFor();
};

/** With the relay's own key. */
export const openConsole = async (
  browser: Browser,
  relay: Pick<TestRelay, 'url' | 'key'>,
  options?: BrowserContextOptions,
): Promise<Visit> => {
  const visit = await openVisit(browser, relay.url, options);
  await signIn(visit, relay.key);
  return visit;
};

/** A relay with a database, and its console in a browser. */
export const startConsole = async () => {
  const [relay, browser] = await Promise.all([startRelay({ env: { DATABASE_URL: undefined } }), openBrowser()]);
  const visit = await openConsole(browser, relay);
  const close = async (): Promise<void> => {
    await browser.close();
    await relay.close();
  };
  return { relay, browser, visit, page: visit.page, close };
};
