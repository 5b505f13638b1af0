/** The container's health check: exit 0 while the relay answers on its own port. Needs no curl, no wget, no shell. */
import { request } from 'node:http';

const { HOST: host = '0.0.0.0', PORT: port = '8888' } = process.env;
// Who listens on every address is asked on the nearest.
const target = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
const deadlineMs = 4000;

const asked = request({ host: target, port, path: '/livez', timeout: deadlineMs }, (answer) => {
  answer.resume();
  process.exitCode = answer.statusCode === 200 ? 0 : 1;
});
asked.on('timeout', () => asked.destroy(new Error(`no answer within ${deadlineMs} ms`)));
asked.on('error', (error) => {
  console.error(`The relay does not answer on port ${port}: ${error.message}`);
  process.exitCode = 1;
});
asked.end();
