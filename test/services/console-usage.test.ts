/** The screen of usage while its numbers are on their way: what was asked before is never drawn as what is asked now. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestRelay } from '../support/relay.ts';
import { openConsole, startConsole } from './browser.ts';
import type { Visit } from './browser.ts';

const HOUR_MS = 3_600_000;
const MODELS = ['gemini-2.5-flash', 'gemini-2.5-pro'];
const HOURS = 500;

let relay: TestRelay;
let browser: Browser;
let visit: Visit;
let close: () => Promise<void>;

/** A request of so many hours ago. */
const add = (index: number, model: string | undefined): void => {
  relay.relay.parts.ledger.add({
    id: `req_${index}`,
    time: Date.now() - index * HOUR_MS,
    key: 'GEMINI_AUTH_PASSWORD',
    door: 'gemini-api:p1',
    format: 'openai',
    route: '/v1/chat/completions',
    model,
    servedModel: model,
    stream: true,
    status: 200,
    reason: undefined,
    ms: 1200,
    firstMs: 300,
    used: [],
    retries: 0,
    client: undefined,
  });
};

beforeAll(async () => {
  ({ relay, browser, visit, close } = await startConsole());
  for (let index = 0; index < HOURS; index += 1) add(index, MODELS[index % 2]);
  await relay.relay.parts.ledger.flush();
});
afterAll(() => close());

/** Until it is let go, no answer to such a question arrives. */
const hold = async (question: string): Promise<() => void> => {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await visit.page.route(`**/console/api/usage?${question}&*`, async (route) => {
    await held;
    await route.continue();
  });
  return letGo;
};

test('from models to hours and from days to models: on a slow line neither is drawn as the other', async () => {
  const { page, go } = visit;
  const sumUpBy = page.getByLabel('Sum up by');
  await go('usage?group=model&span=week');
  await page.locator('.ranking').getByText('gemini-2.5-pro', { exact: true }).waitFor();
  const letHoursGo = await hold('group=hour');
  await sumUpBy.selectOption('hour');
  await page.locator('.loading').waitFor();
  expect(await page.locator('tbody, .chart').count()).toBe(0);
  letHoursGo();
  await page.locator('.chart canvas').waitFor();
  await sumUpBy.selectOption('day');
  await page.locator('tbody').getByText(new Date().toISOString().slice(0, 10), { exact: true }).waitFor();
  const letModelsGo = await hold('group=model');
  await sumUpBy.selectOption('model');
  await page.locator('.loading').waitFor();
  expect(await page.locator('tbody, .ranking').count()).toBe(0);
  letModelsGo();
  await page.locator('.ranking').getByText('gemini-2.5-pro', { exact: true }).waitFor();
  await go('models');
  await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
  expect(visit.troubles).toEqual([]);
});

test('what the table leaves out, it says', async () => {
  const { page, go } = visit;
  await go('usage?group=hour&span=month');
  await page
    .locator('tbody tr:last-child')
    .getByText('The newest 400 of 500; the CSV has all', { exact: true })
    .waitFor();
  await go('usage?group=model&span=month');
  await page.locator('.ranking').waitFor();
  expect(await page.locator('tbody').innerText()).not.toContain('the CSV has all');
});

test('after an error stands the error, and no row of another group; another span keeps its rows, dimmed', async () => {
  const { page, go } = visit;
  await go('usage?group=model&span=week');
  await page.locator('.ranking').waitFor();
  const letGo = await hold('group=model');
  await page.getByRole('radio', { name: '30 d' }).check();
  await page.locator('.table-box.dim').getByText('gemini-2.5-pro', { exact: true }).waitFor();
  letGo();
  await page.locator('.table-box:not(.dim)').waitFor();
  await page.route('**/console/api/usage?group=door&*', (route) => route.fulfill({ status: 503, json: {} }));
  await page.getByLabel('Sum up by').selectOption('door');
  await page.locator('.notice-bad').waitFor();
  expect(await page.locator('tbody').count()).toBe(0);
  expect(visit.troubles).toEqual([]);
});

const DAY_MS = 24 * HOUR_MS;

test('a page that stays open over midnight of UTC asks for the new day', async () => {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const isoDay = (time: number): string => new Date(time).toISOString().slice(0, 10);
  const other = await openConsole(browser, relay);
  const { page } = other;
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    const from = searchParams.get('from');
    if (pathname.endsWith('/usage') && searchParams.get('group') === 'hour' && from !== null) asked.push(from);
  });
  await page.clock.install({ time: today + DAY_MS - 20_000 });
  await page.reload();
  await other.go('usage?span=day');
  await page.locator('tbody, .empty').first().waitFor();
  expect(asked.splice(0)).toEqual([isoDay(today)]);
  await page.clock.fastForward(10_000);
  expect(asked).toEqual([]);
  await page.clock.fastForward(15_000);
  await expect.poll(() => asked).toEqual([isoDay(today + DAY_MS)]);
  expect(other.troubles).toEqual([]);
  await other.context.close();
});

/** The texts that the last chart has, as it was drawn last, and where they stand. */
const watchLabels = (page: Page): Promise<void> =>
  page.evaluate(`(() => {
    window.drawn = [];
    const draw = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
      window.drawn.push([text, x, y]);
      draw.call(this, text, x, y);
    };
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (...area) {
      window.drawn = [];
      clear.apply(this, area);
    };
  })()`);

/** Below the chart, from the left to the right. */
const labelsBelow = async (page: Page): Promise<readonly string[]> => {
  const drawn = await page.evaluate<readonly (readonly [string, number, number])[]>('window.drawn');
  const lowest = Math.max(...drawn.map(([, , y]) => y));
  return drawn
    .filter(([, , y]) => y === lowest)
    .sort(([, one], [, other]) => one - other)
    .map(([text]) => text);
};

/** Whether they are some of all that could stand there, from the first to the last. */
const areInOrder = (labels: readonly string[], all: readonly string[]): boolean => {
  let next = 0;
  for (const label of labels) {
    next = all.indexOf(label, next) + 1;
    if (next === 0) return false;
  }
  return labels.length > 0;
};

describe.each(['America/New_York', 'Asia/Kolkata', 'Pacific/Kiritimati'])('in %s', (timezoneId) => {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const inWords = (time: number, options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat('en', options).format(time);
  const DAY = { month: 'short', day: 'numeric' } as const;
  /** Each full hour of the reader's. Half an hour more at each side: so much of the first bar and the last is drawn. */
  const hoursSince = (from: number): readonly string[] => {
    const step = HOUR_MS / 2;
    const all = Array.from({ length: (today + 2 * DAY_MS - from) / step }, (_, index) => from - step + index * step);
    const clock = { timeZone: timezoneId, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    return all
      .map((time) => [inWords(time, clock), inWords(time, { ...DAY, timeZone: timezoneId })] as const)
      .filter(([hour]) => hour.endsWith(':00'))
      .map(([hour, day]) => (hour === '00:00' ? day : hour));
  };
  const daysSince = (from: number): readonly string[] =>
    Array.from({ length: (today - from) / DAY_MS + 1 }, (_, index) =>
      inWords(from + index * DAY_MS, { ...DAY, timeZone: 'UTC' }),
    );

  test('hours of the table say their zone, and the labels below a chart are those of its bars', async () => {
    const other = await openConsole(browser, relay, { timezoneId });
    const { page } = other;
    await watchLabels(page);
    for (const [query, all] of [
      ['group=hour&span=day', hoursSince(today)],
      ['group=hour&span=week', hoursSince(today - 6 * DAY_MS)],
      ['group=day&span=week', daysSince(today - 6 * DAY_MS)],
      ['group=day&span=month', daysSince(today - 29 * DAY_MS)],
      ['group=day&span=year', daysSince(today - 364 * DAY_MS)],
    ] as const) {
      await other.go(`usage?${query}`);
      await expect.poll(async () => areInOrder(await labelsBelow(page), all), { message: query }).toBe(true);
    }
    await other.go('usage?group=hour&span=week');
    const zone = new Intl.DateTimeFormat('en', { timeZone: timezoneId, timeZoneName: 'short' })
      .formatToParts(Date.now())
      .find(({ type }) => type === 'timeZoneName')?.value;
    await expect.poll(() => page.locator('tbody td').first().innerText()).toContain(zone);
    expect(other.troubles).toEqual([]);
    await other.context.close();
  });
});

test('beside a chart of single requests stand whole numbers', async () => {
  const other = await openConsole(browser, relay);
  const { page } = other;
  await watchLabels(page);
  await other.go('usage?group=hour&span=week');
  await page.locator('.chart canvas').waitFor();
  const beside = (): Promise<readonly string[]> =>
    page.evaluate('(window.drawn ?? []).map(([text]) => text).filter((text) => /^[\\d.]+$/.test(text))');
  await expect.poll(beside).toEqual(['0', '1']);
  await other.context.close();
});

// Last: its row would stand among those of the others.
test('a model of a very long name leaves the numbers in sight', async () => {
  add(HOURS, 'm'.repeat(200));
  await relay.relay.parts.ledger.flush();
  const other = await openConsole(browser, relay, { viewport: { width: 1440, height: 900 } });
  const { page } = other;
  await other.go('usage?group=model&span=month');
  await page.locator('tbody td', { hasText: 'mmm' }).waitFor();
  const hidden = "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.table-box'))";
  expect(await page.evaluate(hidden)).toBe(0);
  expect(await page.locator('tbody td', { hasText: 'mmm' }).getAttribute('title')).toHaveLength(200);
  await other.context.close();
});
