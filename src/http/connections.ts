import type { Socket } from 'node:net';
import type { Logger } from '../log.ts';
import { Roll } from '../engine/roll.ts';
import type { Place } from '../engine/roll.ts';
import type { System } from '../system.ts';

/** So many connections at a time. Those on which nothing goes on must not keep others out. */
export interface Connections {
  open(socket: Socket): void;
  /** A request on it begins. */
  begin(socket: Socket): void;
  /** A request on it has ended. */
  end(socket: Socket): void;
  /** Resolves when each has asked its first question, or is gone. */
  heard(): Promise<void>;
}

/** All connections of one address. */
interface Peer {
  readonly address: string;
  count: number;
  /** The longest idle one first. */
  readonly idle: Roll<Socket>;
}

interface Connection {
  readonly peer: Peer;
  requests: number;
  place: Place<Socket>;
  isHeard: boolean;
}

const MAX_CONNECTIONS = 4096;
const SAID_EVERY_MS = 60_000;

export const createConnections = (system: System, log: Pick<Logger, 'warn'>, limit = MAX_CONNECTIONS): Connections => {
  const known = new Map<Socket, Connection>();
  const peers = new Map<string, Peer>();
  const waiting: (() => void)[] = [];
  let unheard = 0;
  let closed = 0;
  let saidAt = -Infinity;

  const hear = (connection: Connection): void => {
    if (connection.isHeard) return;
    connection.isHeard = true;
    unheard -= 1;
    if (unheard === 0) for (const resolve of waiting.splice(0)) resolve();
  };

  const forget = (socket: Socket): void => {
    const connection = known.get(socket);
    if (!connection) return;
    hear(connection);
    const { peer, place } = connection;
    known.delete(socket);
    peer.idle.leave(place);
    peer.count -= 1;
    if (peer.count === 0) peers.delete(peer.address);
  };

  /** Whose address has the most gives up its longest idle one: so a crowd from one place costs others nothing. */
  const makeRoom = (): void => {
    let fullest: Peer | undefined;
    for (const peer of peers.values()) {
      if (peer.idle.first && peer.count > (fullest?.count ?? 0)) fullest = peer;
    }
    const longest = fullest?.idle.first?.member;
    if (!fullest || !longest) return;
    closed += 1;
    if (system.monotonic() - saidAt >= SAID_EVERY_MS) {
      saidAt = system.monotonic();
      log.warn('connections are full, idle ones are closed', {
        limit,
        address: fullest.address,
        ofAddress: fullest.count,
        closed,
      });
      closed = 0;
    }
    forget(longest);
    longest.destroy();
  };

  return {
    open: (socket) => {
      if (known.size >= limit) makeRoom();
      if (known.size >= limit) {
        socket.destroy();
        return;
      }
      const address = socket.remoteAddress ?? 'unknown';
      const peer = peers.get(address) ?? { address, count: 0, idle: new Roll<Socket>() };
      peers.set(address, peer);
      peer.count += 1;
      known.set(socket, { peer, requests: 0, place: peer.idle.enter(socket), isHeard: false });
      unheard += 1;
      socket.on('close', () => {
        forget(socket);
      });
    },
    begin: (socket) => {
      const connection = known.get(socket);
      if (!connection) return;
      hear(connection);
      connection.requests += 1;
      connection.peer.idle.leave(connection.place);
    },
    end: (socket) => {
      const connection = known.get(socket);
      if (!connection) return;
      connection.requests -= 1;
      if (connection.requests === 0) connection.place = connection.peer.idle.enter(socket);
    },
    heard: () =>
      new Promise((resolve) => {
        if (unheard === 0) resolve();
        else waiting.push(resolve);
      }),
  };
};
