/**
 * An address that drops whoever comes, as a firewall does: its listener is stopped, and as many wait there as may. The
 * system answers nobody beyond them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface DroppingAddress {
  readonly port: number;
  close(): Promise<void>;
}

const LISTENER = `require('node:net')
  .createServer()
  .listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { process.send(this.address().port); });`;
const TAKEN_WITHIN_MS = 1000;

export const startDroppingAddress = async (): Promise<DroppingAddress> => {
  const listener = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const port = Number((await once(listener, 'message'))[0]);
  listener.kill('SIGSTOP');
  const waiting: Socket[] = [];
  let isTaken = true;
  while (isTaken) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    waiting.push(socket);
    isTaken = await Promise.race([once(socket, 'connect').then(() => true), delay(TAKEN_WITHIN_MS, false)]);
  }
  return {
    port,
    close: async () => {
      for (const socket of waiting) socket.destroy();
      const ended = once(listener, 'close');
      listener.kill('SIGKILL');
      await ended;
    },
  };
};
