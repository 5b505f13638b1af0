import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface SocksServer {
  /** `host:port` of this server. */
  readonly host: string;
  /** Where its clients wanted to go. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** A small SOCKS5 server (RFC 1928, RFC 1929). Names are looked up by it, so `elsewhere` may say what they mean. */
export const startSocksServer = async (
  password?: string,
  elsewhere: Readonly<Record<string, string>> = {},
): Promise<SocksServer> => {
  const asked: string[] = [];
  const sockets = new Set<Socket>();

  const serve = async (socket: Socket): Promise<void> => {
    const read = createReader(socket);
    const [, methods = 0] = await read(2);
    await read(methods);
    socket.write(Buffer.from([5, password === undefined ? 0 : 2]));
    if (password !== undefined) {
      const [, nameLength = 0] = await read(2);
      const name = await read(nameLength);
      const [length = 0] = await read(1);
      const isRight = `${name.toString()}:${(await read(length)).toString()}` === password;
      socket.write(Buffer.from([1, isRight ? 0 : 1]));
      if (!isRight) return;
    }
    const [, , , type] = await read(4);
    const [nameLength = 0] = type === 3 ? await read(1) : [];
    const host = type === 3 ? (await read(nameLength)).toString() : [...(await read(4))].join('.');
    const port = (await read(2)).readUInt16BE();
    asked.push(`${host}:${port}`);
    const target = connect(port, elsewhere[host] ?? host);
    sockets.add(target);
    target.once('connect', () => {
      socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
    socket.on('close', () => target.destroy());
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Reads so many bytes, and leaves the rest to whoever comes after. */
const createReader =
  (socket: Socket) =>
  async (length: number): Promise<Buffer> => {
    for (;;) {
      const bytes: unknown = length === 0 ? Buffer.alloc(0) : socket.read(length);
      if (Buffer.isBuffer(bytes)) return bytes;
      await new Promise<void>((resolve, reject) => {
        socket.once('readable', resolve);
        socket.once('close', () => {
          reject(new Error('closed'));
        });
      });
    }
  };
