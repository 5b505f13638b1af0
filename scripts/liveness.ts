/** The container's health check: exit 0 while the relay answers on its own port. Needs no curl, no wget, no shell. */
import { request } from 'node:http';

const port = process.env['PORT'] ?? '8888';
const deadlineMs = 4000;

const asked = request({ host: '127.0.0.1', port, path: '/livez', timeout: deadlineMs }, (answer) => {
  answer.resume();
  process.exitCode = answer.statusCode === 200 ? 0 : 1;
});
asked.on('timeout', () => asked.destroy(new Error(`no answer within ${deadlineMs} ms`)));
asked.on('error', (error) => {
  console.error(`The relay does not answer on port ${port}: ${error.message}`);
  process.exitCode = 1;
});
asked.end();
