/**
 * Loaded before `src/main.ts` by tests: plants bugs that no code of the relay could catch, in the doing of a request
 * that asks for one by `x-plant`, and tells by `SIGUSR2` how long the event loop has been held up since the last time.
 */
import { OutgoingMessage, ServerResponse } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const { setHeader } = Object.getOwnPropertyDescriptors(OutgoingMessage.prototype);
const honest = setHeader.value as (this: ServerResponse, name: string, value: never) => ServerResponse;
ServerResponse.prototype.setHeader = function (this: ServerResponse, name: string, value: never) {
  const wish = name === 'x-content-type-options' ? this.req.headers['x-plant'] : undefined;
  // Later than the synchronous part of the request, in its asynchronous context.
  if (wish === 'throw') {
    setTimeout(() => {
      throw new TypeError('planted-in-a-callback');
    }, 20);
  }
  if (wish === 'reject') setTimeout(() => void Promise.reject(new TypeError('planted-in-a-promise')), 20);
  return honest.call(this, name, value);
};

const delays = monitorEventLoopDelay({ resolution: 5 });
delays.enable();
process.on('SIGUSR2', () => {
  process.stderr.write(`longest delay ${(delays.max / 1e6).toFixed(1)} ms\n`);
  delays.reset();
});
