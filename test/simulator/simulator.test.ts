import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resetAfter, splitInsideCharacters, stallAfter, stallBeforeHeaders } from '../../src/simulator/faults.ts';
import { rateLimited, serverError } from '../../src/simulator/google-faults.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { ask, code, eventsOf } from './asking.ts';
import { quietNow } from '../support/machine.ts';

describe('the simulator', () => {
  let google: Simulator;
  beforeAll(async () => {
    google = await startSimulator();
  });
  beforeEach(() => {
    google.reset();
  });
  afterAll(() => google.close());

  it('remembers the whole request, its text byte for byte', async () => {
    const text =
      '{"model":"gemini-2.5-flash", "project":"simulated-project","request":{"contents":[' +
      '{"role":"user","parts":[{"text":"caf\\u00e9 12345678901234567890 1.0"}]}]}}';
    await fetch(`${google.url}/v1internal:generateContent?x=1`, {
      method: 'POST',
      headers: { authorization: `Bearer ${google.credentials.access_token}`, 'x-mark': 'here' },
      body: text,
    });
    const [request] = google.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v1internal:generateContent',
      operation: 'generateContent',
    });
    expect(request).toMatchObject({ door: 'code-assist', text, status: 200, aborted: false, ended: true });
    expect(request?.headers['x-mark']).toBe('here');
    expect(request?.query.get('x')).toBe('1');
  });

  it('plays queued faults once each, in order, for the requests that they are for', async () => {
    google.next('generate', rateLimited(), serverError(503));
    google.next('countTokens', serverError(500));
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await ask(google, code('hello'))).status);
    expect(statuses).toEqual([429, 503, 200]);
    expect(google.waiting()).toBe(1);
  });

  it('plays a standing fault until it is cleared', async () => {
    google.always('generate', serverError(503));
    expect([(await ask(google, code('a'))).status, (await ask(google, code('b'))).status]).toEqual([503, 503]);
    google.clear();
    expect((await ask(google, code('c'))).status).toBe(200);
  });

  it.each([
    ['before the status line', stallBeforeHeaders()],
    ['in the middle of a stream', stallAfter(1)],
  ])('notices that the other side leaves %s', async (_where, fault) => {
    google.next('generate', fault);
    const leaving = new AbortController();
    const leave = async () => {
      const response = await ask(google, code('stream 20 words', { stream: true, signal: leaving.signal }));
      await response.text();
    };
    const left = expect(leave()).rejects.toThrow();
    await google.until(() => google.requests[0]?.text !== undefined && google.requests[0].text !== '');
    leaving.abort();
    await left;
    await google.until(() => google.requests[0]?.aborted === true);
    expect(google.requests[0]?.abortedAt).toBeGreaterThanOrEqual(google.requests[0]?.at ?? Infinity);
  });

  it('resets a connection in the middle of a stream', async () => {
    google.next('generate', resetAfter(2));
    const response = await ask(google, code('stream 20 words', { stream: true }));
    await expect(response.text()).rejects.toThrow();
    expect(google.requests[0]).toMatchObject({ status: 200, aborted: false });
  });

  it('splits bytes inside characters without changing them', async () => {
    google.next('generate', splitInsideCharacters());
    const events = await eventsOf(await ask(google, code('use café and 😀', { stream: true })));
    expect(JSON.stringify(events)).toContain('😀');
  });

  it('closes at once, with streams still open', async () => {
    const other = await startSimulator();
    other.next('generate', stallAfter(1));
    const response = await ask(other, code('stream 20 words', { stream: true }));
    const reading = expect(response.text()).rejects.toThrow();
    const before = quietNow();
    await other.close();
    await reading;
    expect(quietNow() - before).toBeLessThan(500);
  });

  it('answers Google’s own page for an address that leads nowhere, and for the wrong method', async () => {
    for (const [method, path] of [
      ['GET', '/v1internal:generateContent'],
      ['POST', '/v1internal:toString'],
      ['POST', '/v2/nothing'],
    ] as const) {
      const response = await fetch(google.url + path, { method });
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toMatch('text/html');
      expect(await response.text()).toContain('That’s an error.');
    }
  });

  it('is as new after a reset', async () => {
    google.revokeTokens();
    google.account.standing = 'unsupported-client';
    google.always('any', serverError(500));
    google.reset();
    expect(google.requests).toHaveLength(0);
    expect((await ask(google, code('hello'))).status).toBe(200);
  });

  it('knows a secret in an address as a leak', async () => {
    await fetch(`${google.url}/v1internal:generateContent?key=secret`, { method: 'POST' });
    expect(google.leaks()).toHaveLength(1);
  });
});
