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
}

const MAX_CONNECTIONS = 4096;
const SAID_EVERY_MS = 60_000;

export const createConnections = (system: System, log: Pick<Logger, 'warn'>, limit = MAX_CONNECTIONS): Connections => {
  const known = new Map<Socket, Connection>();
  const peers = new Map<string, Peer>();
  let closed = 0;
  let saidAt = -Infinity;

  const forget = (socket: Socket): void => {
    const connection = known.get(socket);
    if (!connection) return;
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
      known.set(socket, { peer, requests: 0, place: peer.idle.enter(socket) });
      socket.on('close', () => {
        forget(socket);
      });
    },
    begin: (socket) => {
      const connection = known.get(socket);
      if (!connection) return;
      connection.requests += 1;
      connection.peer.idle.leave(connection.place);
    },
    end: (socket) => {
      const connection = known.get(socket);
      if (!connection) return;
      connection.requests -= 1;
      if (connection.requests === 0) connection.place = connection.peer.idle.enter(socket);
    },
  };
};
