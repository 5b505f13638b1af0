/**
 * The pictures of docs/console.md and the READMEs: the demo with sample data, as a browser shows it. Needs Debian's
 * chromium and fonts-wqy-microhei.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

const PORT = process.env['PORT'] ?? '8899';
const URL_OF_RELAY = `http://127.0.0.1:${PORT}`;
const FOLDER = join(import.meta.dirname, '../docs/pictures');
const KEY = randomBytes(24).toString('base64url');
/** Of all together: they travel with each clone. */
const MOST_BYTES = 400_000;

interface Picture {
  readonly name: string;
  readonly screen: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  readonly locale?: string;
  readonly act?: (page: Page) => Promise<void>;
}

/** Until numbers and chart are there; the page's stream of events never ends. */
const SETTLE_MS = 1500;

const WIDE = { width: 1080, height: 660 };

const PICTURES: readonly Picture[] = [
  { name: 'status', screen: 'status', ...WIDE, scheme: 'light' },
  { name: 'status.zh-CN', screen: 'status', ...WIDE, scheme: 'light', locale: 'zh-CN' },
  { name: 'usage', screen: 'usage?metric=tokens', ...WIDE, scheme: 'dark' },
  {
    name: 'playground',
    screen: 'playground',
    ...WIDE,
    scheme: 'light',
    act: async (page) => {
      await page.getByLabel('Offer a tool').check();
      await page.getByRole('textbox', { name: 'Message' }).fill('call get_weather {"city":"Lisbon","unit":"celsius"}');
      await page.keyboard.press('Enter');
      await page.locator('.round-foot').waitFor();
      await page.getByRole('radio', { name: 'Answer', exact: true }).check();
    },
  },
  { name: 'phone', screen: 'requests', width: 390, height: 660, scheme: 'dark' },
];

const startDemo = async (): Promise<ChildProcess> => {
  const demo = spawn(process.execPath, [join(import.meta.dirname, 'demo.ts'), '--sample-data'], {
    env: { ...process.env, PORT, GEMINI_AUTH_PASSWORD: KEY },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while (!(await hasData())) {
    if (demo.exitCode !== null) throw new Error(`The demo has ended with ${demo.exitCode}.`);
    await delay(100);
  }
  return demo;
};

/** It serves before its sample data is written, and a picture of nothing shows nobody what the page is for. */
const hasData = async (): Promise<boolean> => {
  const headers = { authorization: `Bearer ${KEY}` };
  const response = await fetch(`${URL_OF_RELAY}/console/api/usage`, { headers }).catch(() => undefined);
  if (!response?.ok) return false;
  const { totals } = (await response.json()) as { readonly totals: { readonly requests: number } };
  return totals.requests > 0;
};

/** Without a font for them all its letters are one and the same box, in one picture and in the menu of the others. */
const needsChineseLetters = async (browser: Browser): Promise<void> => {
  const page = await browser.newPage();
  const letters = await page.evaluate<string[]>(`['状', '态'].map((letter) => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');
    context.font = '20px sans-serif';
    context.fillText(letter, 0, 20);
    return canvas.toDataURL();
  })`);
  await page.close();
  if (new Set(letters).size === 1) {
    throw new Error('No font here has Chinese letters. Install one, for example: apt-get install fonts-wqy-microhei');
  }
};

const take = async (
  browser: Browser,
  { name, screen, width, height, scheme, locale, act }: Picture,
): Promise<number> => {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: scheme,
    locale: locale ?? 'en-US',
    reducedMotion: 'reduce',
  });
  await page.goto(`${URL_OF_RELAY}/console#/${screen}`);
  await page.locator('input[type=password]').fill(KEY);
  await page.keyboard.press('Enter');
  await page.locator('main h1').waitFor();
  await act?.(page);
  await delay(SETTLE_MS);
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path });
  await page.close();
  return statSync(path).size;
};

mkdirSync(FOLDER, { recursive: true });
const demo = await startDemo();
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
let bytes = 0;
try {
  await needsChineseLetters(browser);
  for (const picture of PICTURES) {
    const size = await take(browser, picture);
    bytes += size;
    console.log(`${picture.name}.png  ${Math.round(size / 1000)} kB`);
  }
} finally {
  await browser.close();
  demo.kill('SIGINT');
}
console.log(`together ${Math.round(bytes / 1000)} kB`);
if (bytes > MOST_BYTES) {
  console.error(`That is more than ${MOST_BYTES / 1000} kB.`);
  process.exitCode = 1;
}
