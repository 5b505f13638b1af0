import type { Duplex } from 'node:stream';

/** Writes a whole answer onto a connection that no HTTP server writes on, and closes it. */
export const answerRaw = (
  socket: Duplex,
  status: number,
  headers: Readonly<Record<string, string | number>>,
  body: string | Buffer,
): void => {
  const all = { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const { STATUS_CODES } = process.getBuiltinModule('node:http');
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`);
  socket.end(body, () => {
    socket.destroy();
  });
};
