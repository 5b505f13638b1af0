/** Google's side of a soak, in a process of its own: no honest request waits for what it does. */
import { startSimulator } from '../../src/simulator/simulator.ts';
import * as faults from '../../src/simulator/faults.ts';
import type { GoogleSide } from '../support/relay.ts';

const LARGE_LENGTH = 50_000;

const simulator = await startSimulator();
/** Large requests are refused unread, and all others answered. */
const begin = (): void => {
  simulator.clear();
  simulator.always(({ text }) => text.length > LARGE_LENGTH, faults.empty(400));
};
begin();
// What it remembers of requests would fill its memory.
setInterval(begin, 1000);
const { url, tokenUrl, authUrl, credentials, apiKey, account } = simulator;
process.send?.({ url, tokenUrl, authUrl, credentials, apiKey, account } satisfies GoogleSide);
process.on('disconnect', () => process.exit(0));
