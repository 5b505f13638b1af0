/** The playground under a hasty hand and a hasty model: what costs quota is asked once, and the page never stands still. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { answering, slowChunks, stallAfter } from '../../src/simulator/faults.ts';
import { says } from '../../src/simulator/scripted.ts';
import type { TestRelay } from '../support/relay.ts';
import { startConsole } from './browser.ts';
import type { Visit } from './browser.ts';

const EXAMPLE = 'Say hello in three languages.';
/** A pixel. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const EVENTS = 6000;
/** Drawn event by event, these many took 43 seconds. */
const LONGEST_STALL_MS = 1000;

let relay: TestRelay;
let visit: Visit;
let page: Page;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ relay, visit, page, close } = await startConsole());
});
afterAll(() => close());
beforeEach(async () => {
  relay.simulator.clear();
  // Left and entered again, the playground is empty.
  await visit.go('status');
  await page.getByRole('heading', { name: 'Status', level: 1 }).waitFor();
  await visit.go('playground');
  await page.getByRole('heading', { name: 'Playground', level: 1 }).waitFor();
});
afterEach(() => {
  expect(visit.troubles.splice(0)).toEqual([]);
});

const ask = async (text: string): Promise<void> => {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
};
/** It comes within three seconds. */
const askForLongStory = async (): Promise<void> => {
  const story = answering(...says('Once upon', ...Array.from({ length: 11 }, () => ' a time')));
  relay.simulator.next('generate', (question, honest) =>
    slowChunks(250)(question, async () => story(question, honest)),
  );
  await ask('Tell me a story');
};
const asked = (): number => relay.simulator.asked('generate').length;
/** From here on, the longest time for which no timer of the page ran. */
const watchStalls = (): Promise<void> =>
  page.evaluate(`(() => {
    let before = performance.now();
    window.longestStall = 0;
    setInterval(() => {
      const now = performance.now();
      window.longestStall = Math.max(window.longestStall, now - before);
      before = now;
    }, 10);
  })()`);
const longestStall = (): Promise<number> => page.evaluate<number>('window.longestStall');

test('Stop asks nothing, keeps what has come, and leads back to the message', async () => {
  const story = answering(...says('Once upon', ' a time'));
  relay.simulator.next('generate', (question, honest) => stallAfter(1)(question, async () => story(question, honest)));
  await ask('Tell me a story');
  await page.getByText('Once upon').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Stopped.').waitFor();
  // Another question would be on its way by now.
  await page.waitForTimeout(200);
  expect(asked()).toBe(1);
  expect(await page.locator('.round').count()).toBe(1);
  expect(await page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
  expect(await page.locator('.answered').innerText()).toContain('Once upon');
});

test('a click that was meant for Stop, as the answer ends, asks nothing', async () => {
  await askForLongStory();
  await page.getByText('Once upon').waitFor();
  await page.getByRole('textbox', { name: 'Message' }).fill('Not yet finished');
  const stop = page.getByRole('button', { name: 'Stop' });
  await stop.focus();
  // In the moment in which its end is drawn.
  await page.evaluate(`new Promise((resolve) => {
    const { x, y, width, height } = document.activeElement.getBoundingClientRect();
    new MutationObserver((_changes, observer) => {
      if (!document.querySelector('.round-foot')) return;
      observer.disconnect();
      document.elementFromPoint(x + width / 2, y + height / 2).click();
      resolve();
    }).observe(document.querySelector('.play'), { childList: true, subtree: true });
  })`);
  await page.getByRole('button', { name: 'Send' }).waitFor();
  await page.waitForTimeout(200);
  expect(asked()).toBe(1);
  expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('Not yet finished');
});

test('who has Stop in focus as the answer ends is at the message then', async () => {
  await askForLongStory();
  await page.getByRole('button', { name: 'Stop' }).focus();
  await page.getByRole('button', { name: 'Send' }).waitFor();
  expect(await page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
});

test('what is typed while a picture is read stays, and goes out with it', async () => {
  await page.evaluate(`(() => {
    const read = FileReader.prototype.readAsDataURL;
    FileReader.prototype.readAsDataURL = function (file) {
      window.readOn = () => {
        FileReader.prototype.readAsDataURL = read;
        read.call(this, file);
      };
    };
  })()`);
  const message = page.getByRole('textbox', { name: 'Message' });
  await page.locator('input[type=file]').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: DOT });
  await message.fill('What is this?');
  await page.keyboard.press('Enter');
  await page.evaluate('window.readOn()');
  await page.locator('.composer-picture img').waitFor();
  expect(await message.inputValue()).toBe('What is this?');
  expect(asked()).toBe(0);
  await page.keyboard.press('Enter');
  await page.locator('.round-foot').waitFor();
  expect(relay.simulator.asked('generate')[0]?.text).toMatch(/(?=[^]*image\/png)(?=[^]*What is this\?)/);
});

test.each(['Chat', 'Responses', 'Messages', 'Gemini'])('%s: a picture goes out without words', async (language) => {
  await page.getByRole('radio', { name: language, exact: true }).check();
  await page.locator('input[type=file]').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: DOT });
  await page.locator('.composer-picture img').waitFor();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.round-foot').waitFor();
  const [sent, ...more] = relay.simulator.asked('generate');
  expect(more).toEqual([]);
  expect(sent?.text).toContain('image/png');
  expect(sent?.text).not.toContain(EXAMPLE);
  expect(await page.locator('.answered .notice-bad').count()).toBe(0);
});

test('who has scrolled up reads on while the answer grows; who is at its end sees it grow', async () => {
  const lines = Array.from({ length: 120 }, (_, index) => `line ${index}\n`);
  const inRounds = (what: string): Promise<number> =>
    page.evaluate<number>(`(() => { const rounds = document.querySelector('.play-rounds'); return ${what}; })()`);
  const toEnd = (): Promise<number> => inRounds('rounds.scrollHeight - rounds.clientHeight - rounds.scrollTop');
  const story = answering(...says(...lines));
  relay.simulator.next('generate', (question, honest) => slowChunks(10)(question, async () => story(question, honest)));
  await ask('Count');
  await page.getByText('line 50').waitFor();
  expect(await toEnd()).toBeLessThan(40);
  await inRounds('(rounds.scrollTop = 30)');
  await page.locator('.round-foot').waitFor();
  expect(await inRounds('rounds.scrollTop')).toBe(30);
  relay.simulator.answer(...says(...lines));
  await ask('Again');
  await page.locator('.round-foot').nth(1).waitFor();
  expect(await toEnd()).toBeLessThan(40);
});

test('thousands of events at once leave the page alive, and none is lost', async () => {
  const words = Array.from({ length: EVENTS }, (_, index) => `word-${index} `);
  relay.simulator.answer(...says(...words));
  await page.getByRole('radio', { name: 'Answer', exact: true }).check();
  await watchStalls();
  await ask('Count');
  await page.locator('.round-foot').waitFor();
  expect(await page.locator('.answered .said').textContent()).toBe(words.join(''));
  expect(await page.locator('.raw pre').innerText()).toContain('word-0');
  expect(await longestStall()).toBeLessThan(LONGEST_STALL_MS);
});
