/** Google's side of the Live API, as far as no client of ours tries it: what would keep it busy, it refuses or answers once. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { LIVE_ADDRESS, LIVE_MODEL } from '../support/live-socket.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const begun = async (): Promise<WebSocket> => {
  const [key = ''] = simulator.apiKeys.keys();
  const ws = new WebSocket(simulator.url.replace(/^http/, 'ws') + LIVE_ADDRESS, { headers: { 'x-goog-api-key': key } });
  await once(ws, 'open');
  const generationConfig = { responseModalities: ['TEXT'] };
  ws.send(JSON.stringify({ setup: { model: `models/${LIVE_MODEL}`, generationConfig } }));
  await once(ws, 'message');
  return ws;
};

test('thousands of words in one breath have one answer', async () => {
  const ws = await begun();
  const heard: string[] = [];
  const counted = new Promise<void>((resolve) => {
    ws.on('message', (message: Buffer) => {
      heard.push(message.toString());
      // On a busy machine whoever speaks may be kept from it for so long that there are two breaths.
      if (heard.at(-1)?.includes('usageMetadata') && heard.join('').includes('4000')) resolve();
    });
  });
  for (let said = 1; said <= 4000; said += 1)
    ws.send(JSON.stringify({ realtimeInput: { text: `say exactly: ${said}` } }));
  await counted;
  expect(heard.join('')).toContain('4000');
  expect(heard.length).toBeLessThan(400);
  ws.terminate();
}, 30_000);

test('a turn without parts is refused', async () => {
  const ws = await begun();
  ws.send(`{"clientContent":{"turns":[${'{},'.repeat(100_000)}{}],"turnComplete":true}}`);
  const [code, reason] = (await once(ws, 'close')) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([1007, expect.stringContaining('contents[0].parts')]);
});
