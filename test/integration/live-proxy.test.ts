/** Sessions of the Live API go to Google by the way that all calls go: through a proxy, in a tunnel of TLS. */
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CERTIFICATE, fixture, startProxy } from '../images/support.ts';
import { LIVE_MODEL, openLive } from '../support/live-socket.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
let proxy: Awaited<ReturnType<typeof startProxy>>;
/** The simulator speaks plain HTTP; Google does not. */
const front = createServer({ key: fixture('key.pem'), cert: CERTIFICATE }, (socket) => {
  const simulator = connect(Number(new URL(relay.simulator.url).port), '127.0.0.1');
  simulator.on('error', () => socket.destroy());
  socket.on('error', () => simulator.destroy());
  socket.pipe(simulator).pipe(socket);
});
let google: string;

beforeAll(async () => {
  setDefaultCACertificates([...getCACertificates('default'), CERTIFICATE]);
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const { port } = front.address() as AddressInfo;
  google = `127.0.0.1:${port}`;
  proxy = await startProxy(port);
  relay = await startRelay({
    door: 'gemini-api',
    env: { GEMINI_API_ENDPOINT: `https://${google}`, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, MAX_RETRIES: '0' },
  });
});
afterAll(async () => {
  await relay.close();
  await proxy.close();
  front.close();
});

test('a session, and what is said on it', async () => {
  const socket = await openLive(relay.url, relay.key);
  await socket.setUp();
  expect(await socket.ask('say exactly: through the proxy')).toContain('through');
  expect(proxy.targets).toEqual([google]);
  socket.ws.close(1000, 'thank you');
  await socket.closed;
});

test('beside it everything else', async () => {
  const answer = await relay.post('/v1beta/models/gemini-2.5-flash:generateContent', {
    contents: [{ role: 'user', parts: [{ text: 'say exactly: hello' }] }],
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('hello')]);
  expect(new Set(proxy.targets)).toEqual(new Set([google]));
});

test('a proxy that breaks off in the middle ends the session, and it never looks like the end of a conversation', async () => {
  const socket = await openLive(relay.url, relay.key);
  await socket.setUp();
  await proxy.close();
  expect(await socket.closed).toEqual([1011, 'Google broke off the connection.']);
  const refused = openLive(relay.url, relay.key).then((late) => {
    late.send({ setup: { model: `models/${LIVE_MODEL}` } });
    return late.closed;
  });
  await expect(refused).rejects.toThrow('502');
});
