/** The yardstick: node:http and undici, bytes piped, nothing translated, nothing checked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';

const target = process.argv[2] ?? '';
const pool = new Pool(target, { connections: 1024, pipelining: 1 });

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  if (request.url === '/livez') {
    response.end('ok');
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (bytes: Buffer) => chunks.push(bytes));
  request.on('end', () => {
    const left = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) left.abort();
    });
    pool
      .stream(
        {
          method: 'POST',
          path: request.url ?? '/',
          headers: { 'content-type': 'application/json' },
          body: Buffer.concat(chunks),
          signal: left.signal,
        },
        ({ statusCode, headers }) => {
          response.writeHead(statusCode, { 'content-type': String(headers['content-type']) });
          return response;
        },
      )
      .catch(() => response.destroy());
  });
});
server.listen(Number(process.argv[3] ?? 0), '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
// With its exit handlers: what it has counted is written there.
process.once('SIGTERM', () => process.exit());
