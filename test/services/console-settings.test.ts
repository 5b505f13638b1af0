/** What the console says and keeps when it is changed from two sides, by keyboard, and while the relay is away. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { openBrowser, openConsole } from './browser.ts';
import type { Visit } from './browser.ts';

let relay: TestRelay;
let browser: Browser;

beforeAll(async () => {
  [relay, browser] = await Promise.all([startRelay({ env: { DATABASE_URL: undefined } }), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await relay.close();
});

const focused = ({ page }: Visit): Promise<string> =>
  page.evaluate<string>(`(({ tagName, labels, ariaLabel, innerText }) =>
    tagName + ' ' + (labels?.[0]?.innerText || ariaLabel || innerText))(document.activeElement)`);

/** Of the requests that failed because nobody was there, the browser tells by itself. */
const ended = async ({ context, troubles }: Visit): Promise<void> => {
  expect(troubles.filter((trouble) => !trouble.includes('net::ERR_'))).toEqual([]);
  await context.close();
};

describe('what is said while a dialog is open', () => {
  /** Drawn at this place, and within the dialog, for all else is closed to screen readers. */
  const isInSight = (kind: string): string => `(() => {
    const saying = document.querySelector('.saying-${kind}');
    const { x, y, width, height } = saying.getBoundingClientRect();
    // Clicks go through it, to what it covers.
    saying.parentElement.style.pointerEvents = 'auto';
    return saying.contains(document.elementFromPoint(x + width / 2, y + height / 2)) &&
      saying.closest('dialog[open]') !== null;
  })()`;

  test.each([1440, 390])('is seen above it, %i px wide, and heard', async (width) => {
    const visit = await openConsole(browser, relay, { viewport: { width, height: 844 } });
    const { page, context } = visit;
    await visit.go('doors');
    await page.locator('.row', { hasText: 'code-assist' }).click();
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.locator('.saying-good').waitFor();
    expect(await page.evaluate(isInSight('good'))).toBe(true);
    await page.keyboard.press('Escape');
    // It is said on where the dialog was.
    await page.locator('.saying-good').waitFor();

    await visit.go('keys');
    await page.getByRole('button', { name: 'New key' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('nina');
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.locator('.saying-bad').waitFor();
    expect(await page.evaluate(isInSight('bad'))).toBe(true);
    await ended(visit);
  });
});

test('a setting is changed by keyboard alone, and the focus stays at it', async () => {
  const visit = await openConsole(browser, relay);
  const { page } = visit;
  // The page has given the focus away before, to another field.
  await visit.go('settings?find=MAX_RETRIES');
  await page.getByRole('button', { name: 'Change MAX_RETRIES' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(visit)).toBe('INPUT MAX_RETRIES');
  await page.keyboard.press('Escape');
  await expect.poll(() => focused(visit)).toBe('BUTTON Change MAX_RETRIES');
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(visit)).toBe('INPUT MAX_RETRIES');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('4');
  await page.keyboard.press('Enter');
  await page.getByText('this page', { exact: true }).waitFor();
  await expect.poll(() => focused(visit)).toBe('BUTTON Change MAX_RETRIES');
  await ended(visit);
});

test('a setting that was changed elsewhere is not replaced without a word', async () => {
  const change = async (value: number): Promise<void> => {
    const init = { method: 'PATCH', body: JSON.stringify({ MAX_QUEUED_REQUESTS: value }) };
    expect((await relay.fetch('/console/api/settings', init)).status).toBe(200);
  };
  const kept = async (): Promise<unknown> => {
    const answer = (await (await relay.fetch('/console/api/settings')).json()) as {
      readonly settings: readonly { readonly name: string; readonly value: unknown }[];
    };
    return answer.settings.find(({ name }) => name === 'MAX_QUEUED_REQUESTS')?.value;
  };
  const visit = await openConsole(browser, relay);
  const { page } = visit;
  await visit.go('settings?find=MAX_QUEUED_REQUESTS');
  await page.getByRole('button', { name: 'Change MAX_QUEUED_REQUESTS' }).waitFor();
  await change(41);
  // As when somebody comes back to this tab.
  await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
  await page.locator('.setting-shown', { hasText: '41' }).waitFor();

  await page.getByRole('button', { name: 'Change MAX_QUEUED_REQUESTS' }).click();
  await page.getByLabel('MAX_QUEUED_REQUESTS', { exact: true }).fill('50');
  await change(42);
  await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.field-error', { hasText: 'changed elsewhere in the meantime, to 42' }).waitFor();
  expect(await page.getByLabel('MAX_QUEUED_REQUESTS', { exact: true }).inputValue()).toBe('50');
  expect(await kept()).toBe(42);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.setting-shown', { hasText: '50' }).waitFor();
  expect(await kept()).toBe(50);
  await ended(visit);
});

test('a setting that is changed elsewhere between the look and the change is not replaced either', async () => {
  const elsewhere = async (changes: object): Promise<void> => {
    const init = { method: 'PATCH', body: JSON.stringify(changes) };
    expect((await relay.fetch('/console/api/settings', init)).status).toBe(200);
  };
  const visit = await openConsole(browser, relay);
  const { page } = visit;
  await visit.go('settings?find=QUEUE_TIMEOUT_MS');
  await page.getByRole('button', { name: 'Change QUEUE_TIMEOUT_MS' }).click();
  const field = page.getByLabel('QUEUE_TIMEOUT_MS', { exact: true });
  await field.fill('5000');
  // The next changes of the page come later than these.
  const first: object[] = [{ MAX_RETRIES: 5 }, { QUEUE_TIMEOUT_MS: 7000 }];
  await page.route('**/console/api/settings', async (route) => {
    const changes = route.request().method() === 'PATCH' ? first.shift() : undefined;
    if (changes) await elsewhere(changes);
    await route.continue();
  });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.field-error', { hasText: 'changed elsewhere in the meantime, to 7000' }).waitFor();
  expect(first).toEqual([]);
  expect(await field.inputValue()).toBe('5000');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.setting-shown', { hasText: '5000' }).waitFor();
  await elsewhere({ MAX_RETRIES: null, QUEUE_TIMEOUT_MS: null });
  await ended(visit);
});

describe('a screen that was not opened before', () => {
  test('waits for the relay while that is away, and a language that does not come leaves the page as it is', async () => {
    const visit = await openConsole(browser, relay);
    const { page, context } = visit;
    await context.setOffline(true);
    await visit.go('models');
    await page.getByText('The relay does not answer').waitFor();
    expect(await page.getByRole('button', { name: 'Load the page anew' }).count()).toBe(0);
    await page.getByRole('radio', { name: '中文' }).click();
    await page.locator('.saying-bad', { hasText: 'The relay does not answer' }).waitFor();
    await expect.poll(() => page.getByRole('radio', { name: 'English' }).isChecked()).toBe(true);
    expect(await page.evaluate("localStorage.getItem('relay-language')")).toBe(null);
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
    await ended(visit);
  });

  test('and is of another release by now leads to the page of that', async () => {
    const visit = await openConsole(browser, relay);
    const { page } = visit;
    await page.route(/console\/[\w-]+\/(?:screens|lib)\//, (route) => route.fulfill({ status: 404 }));
    await visit.go('models');
    await page.getByText('The relay was updated').waitFor();
    await page.getByRole('button', { name: 'Load the page anew' }).waitFor();
    await ended(visit);
  });

  test('and throws leaves the menu, and can be drawn again', async () => {
    const visit = await openConsole(browser, relay);
    const { page, troubles } = visit;
    const body = "export const Models = () => { if (!window.isWell) throw new Error('of the test'); return 'drawn'; };";
    await page.route('**/screens/models.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
    await visit.go('models');
    await page.getByText('Something went wrong on this page').waitFor();
    expect(troubles.splice(0)).toEqual(['Error: of the test']);
    await page.getByRole('link', { name: 'Keys' }).click();
    await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByText('Something went wrong on this page').waitFor();
    await page.evaluate('window.isWell = true');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('drawn', { exact: true }).waitFor();
    expect(troubles.splice(0)).toEqual(['Error: of the test']);
    await ended(visit);
  });
});

test('Status: while the relay is away nothing is told to be well, and when it is back all is', async () => {
  const visit = await openConsole(browser, relay);
  const { page, context } = visit;
  const standing = page.getByLabel('How the relay is');
  await standing.getByText('All is well').waitFor();
  await context.setOffline(true);
  await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
  await page.getByText('The relay does not answer').waitFor();
  await standing.getByText('Not known now').waitFor();
  expect(await page.locator('.standing-good, .standing .state-good').count()).toBe(0);
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await standing.getByText('All is well').waitFor();
  expect(await page.locator('.standing-good').count()).toBe(1);
  await ended(visit);
});

test('what the relay says to a check and to a login is said in Chinese', async () => {
  const visit = await openConsole(browser, relay, { locale: 'zh-CN' });
  const { page } = visit;
  await visit.go('doors');
  await page.locator('.row', { hasText: 'code-assist' }).click();
  await page.getByRole('button', { name: '立即检查' }).click();
  await page.locator('dialog .notice-good', { hasText: 'Google 有回应。' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.login-head button').click();
  await page.locator('.login-paste input').fill('http://localhost:1/?code=of-another-login&state=strange');
  await page.locator('.login-paste button').click();
  await page.locator('.saying-bad', { hasText: '这个地址属于另一次登录' }).waitFor();
  const asked = new URL((await page.locator('.login-address a').getAttribute('href')) ?? '').searchParams;
  const declined = new URLSearchParams({ error: 'access_denied', state: asked.get('state') ?? '' });
  await page.locator('.login-paste input').fill(`${asked.get('redirect_uri')}/?${declined.toString()}`);
  await page.locator('.login-paste button').click();
  const failed = page.locator('.login .notice-bad');
  await failed.waitFor();
  expect(await failed.innerText()).toBe('在 Google 的页面上拒绝了登录，没有任何改动。');
  // It ended, and nobody is logged in by it.
  expect(await page.locator('.saying-good').count()).toBe(0);
  await ended(visit);
});

test.each(['made', 'replaced'])(
  'the secret of a key that was %s stays in sight over the end of the session, until it is closed, and who would leave it is asked',
  async (how) => {
    const visit = await openConsole(browser, relay);
    const { page } = visit;
    const name = `kept-${how}`;
    await visit.go('keys');
    await page.getByRole('button', { name: 'New key' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('button', { name: 'Make the key' }).click();
    const dialog = page.getByRole('dialog', { name: `The key of ${name}` });
    if (how === 'replaced') {
      await dialog.getByRole('button', { name: 'I have it' }).click();
      await page.locator('.row', { hasText: name }).click();
      await page.getByRole('button', { name: 'Rotate' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    }
    const secret = await dialog.locator('output').innerText();
    const token = await page.evaluate<string>("sessionStorage.getItem('relay-session')");
    const init = { method: 'DELETE', headers: { authorization: `Bearer ${token}` } };
    expect((await relay.fetch('/console/api/session', init)).status).toBe(200);
    // As when somebody comes back to this tab.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.locator('.sign').waitFor();
    expect(await dialog.locator('output').innerText()).toBe(secret);
    await page.waitForTimeout(300);
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    const question = await asked;
    expect(question.type()).toBe('beforeunload');
    await question.dismiss();
    expect(await dialog.locator('output').innerText()).toBe(secret);
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await dialog.waitFor({ state: 'detached' });
    const mayLeave = "dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    expect(await page.evaluate(mayLeave)).toBe(true);
    // The way in is next, by keyboard as well.
    await expect.poll(() => focused(visit)).toBe("INPUT Owner's key");
    expect(await page.locator('body').innerText()).not.toContain(secret);
    await ended(visit);
  },
);
