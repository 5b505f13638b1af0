import { expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { runFrames } from './frames.ts';

// The long run is `npm run fuzz`; this one is to notice at once when something gives way.
test('R25, R27, R28: hostile inputs never bring a 5xx, a crash, a stall or an envelope of the wrong family', async () => {
  const seed = 20_260_615;
  const { findings, statuses } = await runCampaign({ seed, inputs: 1600 });
  expect(findings.map(({ number, problem }) => `seed ${seed}, input ${number}: ${problem}`)).toEqual([]);
  expect(statuses['200']).toBeGreaterThan(20);
  expect(statuses['400']).toBeGreaterThan(200);
}, 180_000);

test('R25, R27, R28: nor do hostile messages on a WebSocket, in whatever frames they come', async () => {
  const { problems, endings } = await runFrames(20_261_129, 160);
  expect(problems).toEqual([]);
  expect(endings['response.completed']).toBeGreaterThan(20);
  expect(endings['error 400']).toBeGreaterThan(100);
}, 180_000);
