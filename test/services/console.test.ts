/** The main act of each screen, in a real browser, against a running relay. */
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { openConsole, openVisit, signIn, startConsole } from './browser.ts';
import type { Visit } from './browser.ts';

let relay: TestRelay;
let browser: Browser;
let visit: Visit;
let page: Page;
let close: () => Promise<void>;

const ask = async (model: string, headers?: Record<string, string>): Promise<Response> =>
  relay.post(
    '/v1/chat/completions',
    { model, messages: [{ role: 'user', content: 'Hello' }] },
    headers ? { headers } : {},
  );

beforeAll(async () => {
  ({ relay, browser, visit, page, close } = await startConsole());
});
afterAll(() => close());
beforeEach(async () => {
  await page.keyboard.press('Escape');
  await visit.go('status');
  // Left at once, the screen of the test before would stay as it is.
  await page.getByRole('heading', { name: 'Status', level: 1 }).waitFor();
});
afterEach(() => {
  expect(visit.troubles.splice(0)).toEqual([]);
});

test('a wrong key is told, the right one opens, and signing out closes', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel("Owner's key").fill('not-the-key');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('The console takes the owner').waitFor();
  await signIn(visit, relay.key);
  // The session lasts as long as the tab; the key is nowhere.
  await page.reload();
  await page.getByRole('heading', { name: 'Status', level: 1 }).waitFor();
  const kept = await page.evaluate<string>(
    'JSON.stringify([{ ...sessionStorage }, { ...localStorage }, location.href])',
  );
  expect(kept).toContain('relay-session');
  expect(kept).not.toContain(relay.key);
});

test('a session that the relay has forgotten leads to the sign-in, from whichever screen', async () => {
  await page.evaluate("sessionStorage.setItem('relay-session', 'gcs_forgotten')");
  await page.reload();
  await page.getByLabel("Owner's key").waitFor();
  await signIn(visit, relay.key);
});

test('Status: whoever is new here is led to the first answer', async () => {
  await page.getByText('All is well').waitFor();
  await page.getByText('First steps').waitFor();
  await page.getByRole('link', { name: 'Make a key' }).click();
  await page.getByRole('dialog', { name: 'New key' }).waitFor();
  await visit.go('status');
  await page.getByRole('link', { name: 'Open the playground' }).click();
  await page.getByRole('heading', { name: 'Playground', level: 1 }).waitFor();
});

test('Status: a relay without a login says the way out', async () => {
  const other = await startRelay({ door: 'none', env: { DATABASE_URL: undefined } });
  const look = await openConsole(browser, other);
  await look.page.getByText('A login or a key of Google is needed').waitFor();
  await look.page.getByText('npm run login').first().waitFor();
  await look.page.getByRole('link', { name: 'Open a door' }).first().click();
  await look.page.getByRole('heading', { name: 'Doors', level: 1 }).waitFor();
  await look.context.close();
  await other.close();
  expect(look.troubles).toEqual([]);
});

describe('Playground', () => {
  const LANGUAGES = ['Chat', 'Responses', 'Messages', 'Gemini'] as const;

  test.each(LANGUAGES)('%s: thoughts, a call, and what went over the wire', async (language) => {
    await visit.go('playground');
    await page.getByRole('radio', { name: language, exact: true }).check();
    await page.getByLabel('Offer a tool').check();
    await page.getByRole('textbox', { name: 'Message' }).fill('call get_weather {"city":"Rome"}');
    await page.keyboard.press('Enter');
    await page.getByText('"city": "Rome"').waitFor();
    expect(await page.locator('.call').innerText()).toContain('get_weather');
    expect(await page.locator('.round-foot').innerText()).toMatch(/\d+ tokens in, \d+ out/);
    await page.locator('.thought summary').click();
    await page.locator('.thought .said').waitFor();
    await page.getByRole('radio', { name: 'Answer', exact: true }).check();
    expect(await page.locator('.raw pre').innerText()).toMatch(/x-request-id: \S+[\s\S]*data: \{/);
    await page.getByRole('radio', { name: 'curl', exact: true }).check();
    const curl = await page.locator('.raw pre').innerText();
    expect(curl).toContain('$RELAY_KEY');
    expect(curl).not.toContain('gcs_');
  });

  test('whole answers, a picture, a suffix, and a second question', async () => {
    await visit.go('playground');
    await page.getByLabel('Stream', { exact: true }).uncheck();
    await page.getByRole('button', { name: '-nothinking' }).click();
    await page.locator('input[type=file]').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: DOT });
    await page.locator('.composer-picture img').waitFor();
    await page.getByRole('textbox', { name: 'Message' }).fill('What is this?');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('.round-foot').waitFor();
    expect(await page.locator('.thought').count()).toBe(0);
    expect(await page.locator('.raw pre').innerText()).toMatch(/gemini-2\.5-flash-nothinking[\s\S]*image_url/);
    await page.getByRole('textbox', { name: 'Message' }).fill('And then?');
    await page.keyboard.press('Enter');
    await page.locator('.round-foot').nth(1).waitFor();
    expect(await page.locator('.raw pre').innerText()).toMatch(/"role": "assistant"/);
  });

  test('a model that is not there is told in the words of the relay', async () => {
    await visit.go('playground?model=no-such-model');
    await page.getByRole('textbox', { name: 'Message' }).fill('Hello');
    await page.keyboard.press('Enter');
    await page.locator('.answered .notice-bad').waitFor();
    expect(await page.locator('.answered .notice-bad').innerText()).toMatch(/no-such-model/);
  });
});

test('Requests: live, with what went wrong in plain words, and filtered', async () => {
  await ask('gemini-2.5-flash');
  await visit.go('requests');
  await page.getByText('live', { exact: true }).waitFor();
  await page.locator('.row').first().waitFor();
  const before = await page.locator('.row').count();
  await ask('no-model-of-this-name', { 'user-agent': 'a-client/1.0' });
  await page.locator('.row').nth(before).waitFor();
  await page.locator('.row').first().click();
  const dialog = page.getByRole('dialog', { name: 'Request' });
  await dialog.getByText('No door has this model').waitFor();
  expect(await dialog.innerText()).toMatch(/a-client\/1\.0[\s\S]*model_not_found|model_not_found[\s\S]*a-client\/1\.0/);
  await page.keyboard.press('Escape');
  await page.getByLabel('Status', { exact: true }).selectOption('ok');
  await page.locator('.row', { hasText: '404' }).first().waitFor({ state: 'detached' });
  expect(page.url()).toContain('status=ok');
  await page.getByLabel('Model', { exact: true }).selectOption('gemini-2.5-flash');
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.locator('.row', { hasText: '404' }).first().waitFor();
});

test('Requests: what ended while the stream was away is there when it is back', async () => {
  const change = async (ms: number | null): Promise<void> => {
    const changes = { REQUEST_TIMEOUT_MS: ms, ...SHORTER.reduce((all, name) => ({ ...all, [name]: ms }), {}) };
    const init = { method: 'PATCH', body: JSON.stringify(changes) };
    expect((await relay.fetch('/console/api/settings', init)).status).toBe(200);
  };
  // Each stream of events is cut after so long, and taken up again a second later.
  await ask('gemini-2.5-flash');
  await change(500);
  await page.reload();
  await visit.go('requests');
  await page.locator('.row').first().waitFor();
  await page.getByText('not live', { exact: true }).waitFor();
  const before = await page.locator('.row').count();
  await ask('gemini-2.5-flash');
  await page.locator('.row').nth(before).waitFor();
  await change(null);
  expect(visit.troubles.splice(0).filter((trouble) => !trouble.includes('net::ERR_'))).toEqual([]);
});
const SHORTER = ['FIRST_BYTE_TIMEOUT_MS', 'IDLE_TIMEOUT_MS', 'CONNECT_TIMEOUT_MS', 'QUEUE_TIMEOUT_MS'] as const;

test('Usage: drawn, in numbers, by whatever is asked, and as CSV', async () => {
  await ask('gemini-2.5-flash');
  await visit.go('usage');
  await page.locator('.chart canvas').waitFor();
  await page.getByRole('radio', { name: 'Tokens', exact: true }).check();
  await page.getByLabel('Sum up by').selectOption('model');
  await page.locator('.ranking').getByText('gemini-2.5-flash', { exact: true }).waitFor();
  expect(await page.locator('tbody').innerText()).toContain('gemini-2.5-flash');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^usage-model-.*\.csv$/);
  expect(await readFile(await download.path(), 'utf8')).toContain('gemini-2.5-flash');
  // A key of the environment, which is in no list of keys.
  await page.getByLabel('Key', { exact: true }).selectOption('GEMINI_AUTH_PASSWORD');
  expect(page.url()).toContain('key=GEMINI_AUTH_PASSWORD');
  await page.locator('tbody').getByText('gemini-2.5-flash', { exact: true }).waitFor();
});

test('Keys: made, copied once, used, limited, rotated, disabled, removed', async () => {
  await visit.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await visit.go('keys');
  await page.getByRole('button', { name: 'New key' }).first().click();
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.locator('.field-error').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('nina');
  await page.getByLabel('Doors', { exact: true }).fill('code-assist, gemini-api:work');
  await page.getByText('There is no door gemini-api:work now').waitFor();
  await page.getByLabel('Doors', { exact: true }).fill('');
  await page.getByRole('textbox', { name: 'Requests a day' }).fill('many');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.locator('.field-error', { hasText: 'many' }).waitFor();
  await page.getByRole('textbox', { name: 'Requests a day' }).fill('10');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.getByText('It is shown this once').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Copy' }).click();
  const secret = await page.evaluate<string>('navigator.clipboard.readText()');
  expect(secret).toMatch(/^gcr_\w{40}$/);
  await page.getByRole('button', { name: 'I have it' }).click();
  expect(await page.content()).not.toContain(secret);
  expect((await ask('gemini-2.5-flash', { authorization: `Bearer ${secret}` })).status).toBe(200);

  await page.locator('.row', { hasText: 'nina' }).click();
  const detail = page.getByRole('dialog', { name: 'nina' });
  await detail.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('textbox', { name: 'Requests a day' }).fill('');
  await page.getByLabel('Models', { exact: true }).fill('gemini-2.5-*');
  await page.getByRole('button', { name: 'Save' }).click();
  await detail.getByText('gemini-2.5-*').waitFor();
  await detail.getByText('This key has no limits').waitFor();
  await detail.getByRole('button', { name: 'Rotate' }).click();
  await page.getByLabel('The old secret works').selectOption('0h');
  await page.getByRole('button', { name: 'Rotate' }).click();
  const fresh = await page.locator('output').innerText();
  expect(fresh).toMatch(/^gcr_\w{40}$/);
  expect(fresh).not.toBe(secret);
  await page.getByRole('button', { name: 'I have it' }).click();
  await page.locator('.row', { hasText: 'nina' }).click();
  await detail.getByRole('button', { name: 'Disable' }).click();
  await detail.getByText('disabled', { exact: true }).waitFor();
  await detail.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No keys for others yet').waitFor();
});

test('Models: what is offered leads to the playground', async () => {
  await visit.go('models');
  await page.getByLabel('Name or alias').fill('2.5-flash-lite');
  await page.getByRole('link', { name: 'Try gemini-2.5-flash-lite', exact: true }).click();
  expect(await page.getByLabel('Model', { exact: true }).inputValue()).toBe('gemini-2.5-flash-lite');
});

test('Doors: checked, switched off and on, reset, and what further ones need', async () => {
  await visit.go('doors');
  await page.getByText('What each kind needs').waitFor();
  await page.locator('.row', { hasText: 'code-assist' }).click();
  const dialog = page.getByRole('dialog', { name: 'code-assist' });
  await dialog.getByRole('button', { name: 'Check now' }).click();
  await dialog.getByText('Google has answered').waitFor();
  await dialog.getByRole('button', { name: 'Switch off' }).click();
  await dialog.getByText('switched off', { exact: true }).waitFor();
  expect((await ask('gemini-2.5-flash')).status).toBe(503);
  await dialog.getByRole('button', { name: 'Switch on' }).click();
  await dialog.getByText('open', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Reset' }).click();
  await page.getByText('What was held against the door is forgotten').waitFor();
  expect((await ask('gemini-2.5-flash')).status).toBe(200);
});

test('Doors: a login by its address and by pasting where the browser ended', async () => {
  await visit.go('doors');
  await page.getByRole('button', { name: 'Log in with Google' }).click();
  const link = page.getByRole('link', { name: 'Open Google’s login' });
  const address = (await link.getAttribute('href')) ?? '';
  expect(address.startsWith(relay.simulator.authUrl)).toBe(true);
  const paste = page.getByLabel('If the last page does not load');
  await paste.fill('http://localhost:1/?code=of-another-login&state=strange');
  await page.getByRole('button', { name: 'Finish' }).click();
  await page.locator('.saying-bad').waitFor();
  const granted = await fetch(address, { redirect: 'manual' });
  await paste.fill(granted.headers.get('location') ?? '');
  await page.getByRole('button', { name: 'Finish' }).click();
  await page.locator('.login .notice-good').waitFor();
});

test('Settings: changed at once, refused with the reason, back to the default, and locked where the environment rules', async () => {
  await visit.go('settings');
  await page.getByLabel('Name or meaning').fill('MAX_RETRIES');
  await page.getByRole('button', { name: 'Change MAX_RETRIES' }).click();
  await page.getByLabel('MAX_RETRIES', { exact: true }).fill('many');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.field-error').waitFor();
  await page.getByLabel('MAX_RETRIES', { exact: true }).fill('3');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('this page', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Change MAX_RETRIES' }).click();
  await page.getByRole('button', { name: 'Back to the default' }).click();
  await page.getByText('default', { exact: true }).waitFor();
  await page.getByLabel('Name or meaning').fill('LOG_LEVEL');
  await page.getByText('Set by the environment').waitFor({ state: 'attached' });
  expect(await page.getByRole('button', { name: 'Change LOG_LEVEL' }).count()).toBe(0);
  await page.getByLabel('Name or meaning').fill('GEMINI_AUTH_PASSWORD');
  await page.getByText('set, and not shown').waitFor();
});

test('Connect: the settings of a client, with a key made for it', async () => {
  await visit.go('connect');
  await page.getByRole('button', { name: 'Codex CLI' }).click();
  const code = page.locator('.client pre');
  expect(await code.innerText()).toContain(`base_url = "${relay.url}/v1"`);
  await page.getByRole('button', { name: 'Claude Code' }).click();
  expect(await code.innerText()).toContain('YOUR_RELAY_KEY');
  await page.getByLabel('Or make a new one').fill('for-claude');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await expect.poll(() => code.innerText()).toMatch(/gcr_\w{40}/);
  // It was shown this once.
  await visit.go('models');
  await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
  await visit.go('connect');
  await code.waitFor();
  expect(await page.content()).not.toMatch(/gcr_\w{40}/);
});

const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

test('a database that is none is told where it is missed', async () => {
  const other = await startRelay({ env: { DATABASE_URL: 'none' } });
  const look = await openVisit(browser, other.url);
  await signIn(look, other.key);
  await look.page.getByText('none', { exact: true }).waitFor();
  await look.go('keys');
  await look.page.getByText('Keys need a database').waitFor();
  await look.go('usage');
  await look.page.locator('.notice-bad').waitFor();
  await look.context.close();
  await other.close();
  expect(look.troubles).toEqual([]);
});
