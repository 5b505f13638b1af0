import type { Socket } from 'node:net';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';

/** So many connections at a time. Those on which nothing goes on, or nothing that the relay does, must not keep others out. */
export interface Connections {
  open(socket: Socket): void;
  /** A request on it is there. */
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
}

interface Connection {
  readonly socket: Socket;
  readonly peer: Peer;
  requests: number;
  /** Waiting has a request that waits for its client. Undefined while the relay is at work for it. */
  standing: 'idle' | 'waiting' | undefined;
  /** When that began: each has a larger number than the one before. */
  since: number;
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
  let stood = 0;
  let closed = 0;
  let saidAt = -Infinity;

  const hear = (connection: Connection): void => {
    connection.isHeard = true;
    unheard -= 1;
    if (unheard === 0) for (const resolve of waiting.splice(0)) resolve();
  };

  const forget = (socket: Socket): void => {
    const connection = known.get(socket);
    if (!connection) return;
    if (!connection.isHeard) hear(connection);
    const { peer } = connection;
    known.delete(socket);
    peer.count -= 1;
    if (peer.count === 0) peers.delete(peer.address);
  };

  /**
   * Whose address has the most gives up its longest idle one, or the one that waits longest for its client: so a crowd
   * from one place costs others nothing. All are looked through for it, which costs a new
   * connection of a full relay some 25 µs: requests keep no order for it.
   */
  const makeRoom = (): void => {
    let first: Connection | undefined;
    for (const connection of known.values()) {
      if (connection.standing && (!first || goesBefore(connection, first))) first = connection;
    }
    if (!first) return;
    const { socket, peer } = first;
    closed += 1;
    if (system.monotonic() - saidAt >= SAID_EVERY_MS) {
      saidAt = system.monotonic();
      log.warn('connections are full, idle ones are closed', {
        limit,
        address: peer.address,
        ofAddress: peer.count,
        closed,
      });
      closed = 0;
    }
    forget(socket);
    socket.destroy();
  };

  return {
    open: (socket) => {
      if (known.size >= limit) makeRoom();
      if (known.size >= limit) {
        socket.destroy();
        return;
      }
      const address = socket.remoteAddress ?? 'unknown';
      const peer = peers.get(address) ?? { address, count: 0 };
      peers.set(address, peer);
      peer.count += 1;
      known.set(socket, { socket, peer, requests: 0, standing: 'idle', since: (stood += 1), isHeard: false });
      unheard += 1;
      socket.on('close', () => {
        forget(socket);
      });
    },
    begin: (socket) => {
      const connection = known.get(socket);
      if (!connection) return;
      connection.requests += 1;
      connection.standing = undefined;
      if (!connection.isHeard) hear(connection);
    },
    wait: (socket) => {
      const connection = known.get(socket);
      if (!connection || connection.requests === 0) return;
      connection.standing = 'waiting';
      connection.since = stood += 1;
    },
    goOn: (socket) => {
      const connection = known.get(socket);
      if (connection?.standing === 'waiting') connection.standing = undefined;
    },
    end: (socket) => {
      const connection = known.get(socket);
      if (!connection) return;
      connection.requests -= 1;
      if (connection.requests > 0) return;
      connection.standing = 'idle';
      connection.since = stood += 1;
    },
    heard: () =>
      new Promise((resolve) => {
        if (unheard === 0) resolve();
        else waiting.push(resolve);
      }),
  };
};

/** Of the fullest address, an idle one, the one that has been so for longest. */
const goesBefore = (one: Connection, other: Connection): boolean => {
  if (one.peer.count !== other.peer.count) return one.peer.count > other.peer.count;
  if (one.standing !== other.standing) return one.standing === 'idle';
  return one.since < other.since;
};
