import type { Socket } from 'node:net';
import type { Logger } from '../log.ts';
import { Roll } from '../engine/roll.ts';
import type { Place } from '../engine/roll.ts';
import type { System } from '../system.ts';

/** So many connections at a time. Those on which nothing goes on, or nothing that the relay does, must not keep others out. */
export interface Connections {
  open(socket: Socket): void;
  /** A request on it is there, and begins in a moment. */
  ask(socket: Socket): void;
  /** It begins. */
  begin(socket: Socket): void;
  /** Its client has the next word: more of its body is waited for, or that it takes what waits of its answer. */
  wait(socket: Socket): void;
  /** The relay has. */
  goOn(socket: Socket): void;
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
  /** Those with a request that waits for its client. */
  readonly waiting: Roll<Socket>;
}

interface Connection {
  readonly peer: Peer;
  requests: number;
  /** Undefined while the relay is at work for it. */
  standing: 'idle' | 'waiting' | undefined;
  place: Place<Socket> | undefined;
  isHeard: boolean;
}

const MAX_CONNECTIONS = 4096;
const SAID_EVERY_MS = 60_000;

export const createConnections = (system: System, log: Pick<Logger, 'warn'>, most = MAX_CONNECTIONS): Connections => {
  const limit = Math.min(most, MAX_CONNECTIONS);
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

  const stand = (socket: Socket, connection: Connection, standing: Connection['standing']): void => {
    if (connection.standing && connection.place) connection.peer[connection.standing].leave(connection.place);
    connection.standing = standing;
    connection.place = standing && connection.peer[standing].enter(socket);
  };

  const beAtWork = (socket: Socket, connection: Connection): void => {
    hear(connection);
    stand(socket, connection, undefined);
  };

  const forget = (socket: Socket): void => {
    const connection = known.get(socket);
    if (!connection) return;
    hear(connection);
    const { peer } = connection;
    known.delete(socket);
    stand(socket, connection, undefined);
    peer.count -= 1;
    if (peer.count === 0) peers.delete(peer.address);
  };

  /**
   * Whose address has the most gives up its longest idle one, or the one that waits longest for its client: so a crowd
   * from one place costs others nothing.
   */
  const makeRoom = (): void => {
    let fullest: Peer | undefined;
    for (const peer of peers.values()) {
      if (longestOf(peer) && peer.count > (fullest?.count ?? 0)) fullest = peer;
    }
    const longest = fullest && longestOf(fullest);
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
      const peer = peers.get(address) ?? { address, count: 0, idle: new Roll(), waiting: new Roll() };
      peers.set(address, peer);
      peer.count += 1;
      const place = peer.idle.enter(socket);
      known.set(socket, { peer, requests: 0, standing: 'idle', place, isHeard: false });
      unheard += 1;
      socket.on('close', () => {
        forget(socket);
      });
    },
    ask: (socket) => {
      const connection = known.get(socket);
      if (connection) beAtWork(socket, connection);
    },
    begin: (socket) => {
      const connection = known.get(socket);
      if (!connection) return;
      connection.requests += 1;
      beAtWork(socket, connection);
    },
    wait: (socket) => {
      const connection = known.get(socket);
      if (connection && connection.requests > 0) stand(socket, connection, 'waiting');
    },
    goOn: (socket) => {
      const connection = known.get(socket);
      if (connection?.standing === 'waiting') stand(socket, connection, undefined);
    },
    end: (socket) => {
      const connection = known.get(socket);
      if (!connection) return;
      connection.requests -= 1;
      if (connection.requests === 0) stand(socket, connection, 'idle');
    },
    heard: () =>
      new Promise((resolve) => {
        if (unheard === 0) resolve();
        else waiting.push(resolve);
      }),
  };
};

const longestOf = ({ idle, waiting }: Peer): Socket | undefined => (idle.first ?? waiting.first)?.member;
