/**
 * Loaded before `src/main.ts` by tests: plants bugs that no code of the relay could catch, in the doing of a request
 * that asks for one by `x-plant`, and tells by `SIGUSR2` how long the event loop has been held up since the last time.
 */
import { IncomingMessage } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';

type Read = (this: IncomingMessage, size?: number) => unknown;

const { read } = IncomingMessage.prototype as { readonly read: Read };
const planted = new WeakSet<IncomingMessage>();
const planting: Read = function (size) {
  const wish = planted.has(this) ? undefined : this.headers['x-plant'];
  planted.add(this);
  // Later than the synchronous part of the request, in its asynchronous context.
  if (wish === 'throw') {
    setTimeout(() => {
      throw new TypeError('planted-in-a-callback');
    }, 20);
  }
  if (wish === 'reject') setTimeout(() => void Promise.reject(new TypeError('planted-in-a-promise')), 20);
  return read.call(this, size);
};
Object.assign(IncomingMessage.prototype, { read: planting });

const delays = monitorEventLoopDelay({ resolution: 5 });
delays.enable();

/**
 * What the thread worked at most between two turns of its own: as long as a pause on a machine with nothing else to do,
 * and the same on a busy one, where a pause is also the time of others.
 */
const EVERY_MS = 5;
let mostWorkMs = 0;
let before = process.threadCpuUsage();
setInterval(() => {
  const { user, system } = process.threadCpuUsage(before);
  before = process.threadCpuUsage();
  mostWorkMs = Math.max(mostWorkMs, (user + system) / 1000);
}, EVERY_MS).unref();

process.on('SIGUSR2', () => {
  process.stderr.write(`longest work ${mostWorkMs.toFixed(1)} ms, longest delay ${(delays.max / 1e6).toFixed(1)} ms\n`);
  delays.reset();
  mostWorkMs = 0;
});
