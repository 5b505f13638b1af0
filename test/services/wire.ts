/** Between a relay and Redis: what is sent there, as often as something is sent. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';

export interface Wire {
  readonly port: number;
  /** From now on, for as long as `isOn`. */
  readonly watch: (isOn: () => boolean) => void;
  /** What was sent at one time, beats left out. Who waits for an answer before asking again sends at two times. */
  readonly trips: () => readonly string[];
  readonly close: () => void;
}

/** Of a beat: its first key, which nothing else begins with. */
export const BEAT = 'gcr:relays';

export const watchWire = async (redisPort: number): Promise<Wire> => {
  const sockets = new Set<Socket>();
  let isOn = (): boolean => false;
  let trips: string[] = [];
  const server = createServer((fromRelay) => {
    const toRedis = connect(redisPort, '127.0.0.1');
    for (const socket of [fromRelay, toRedis]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    fromRelay.on('data', (bytes) => {
      const words = bytes.toString('latin1');
      const isBeatAlone =
        words.split('EVALSHA').length === 2 && words.includes(`\r\n${BEAT}\r\n`) && !OTHERS.test(words);
      if (isOn() && !isBeatAlone) trips.push(words);
    });
    fromRelay.pipe(toRedis).pipe(fromRelay);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    watch: (whether) => {
      trips = [];
      isOn = whether;
    },
    trips: () => trips,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

const OTHERS = /gcr:(?:limits|signature|response|item):/;
