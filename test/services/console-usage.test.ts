/** The screen of usage while its numbers are on their way: what was asked before is never drawn as what is asked now. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestRelay } from '../support/relay.ts';
import { startConsole } from './browser.ts';
import type { Visit } from './browser.ts';

const HOUR_MS = 3_600_000;
const MODELS = ['gemini-2.5-flash', 'gemini-2.5-pro'];
const HOURS = 500;

let relay: TestRelay;
let visit: Visit;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ relay, visit, close } = await startConsole());
  for (let index = 0; index < HOURS; index += 1) {
    relay.relay.parts.ledger.add({
      id: `req_${index}`,
      time: Date.now() - index * HOUR_MS,
      key: 'GEMINI_AUTH_PASSWORD',
      door: 'gemini-api:p1',
      format: 'openai',
      route: '/v1/chat/completions',
      model: MODELS[index % 2],
      servedModel: MODELS[index % 2],
      stream: true,
      status: 200,
      reason: undefined,
      ms: 1200,
      firstMs: 300,
      used: [],
      retries: 0,
      client: undefined,
    });
  }
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
