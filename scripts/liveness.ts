/** The container's health check: exit 0 while the relay answers on its own port. Needs no curl, no wget, no shell. */
import { request } from 'node:http';

const USAGE = `gemini-cli-relay alive

Exit code: 0 a relay answers on this machine's PORT, 1 none does, 2 usage.`;

const DEADLINE_MS = 4000;

const ask = (): void => {
  const { HOST: host = '0.0.0.0', PORT: port = '8888' } = process.env;
  // Who listens on every address is asked on the nearest.
  const target = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const asked = request({ host: target, port, path: '/livez', timeout: DEADLINE_MS }, (answer) => {
    answer.resume();
    process.exitCode = answer.statusCode === 200 ? 0 : 1;
  });
  asked.on('timeout', () => asked.destroy(new Error(`no answer within ${DEADLINE_MS} ms`)));
  asked.on('error', (error) => {
    console.error(`The relay does not answer on port ${port}: ${error.message}`);
    process.exitCode = 1;
  });
  asked.end();
};

/** What a health check never says is loaded for who does. */
const refuse = async (words: readonly string[]): Promise<void> => {
  const { readOptions } = await import('../src/terminal/options.ts');
  const { notUnderstood } = await import('../src/terminal/mistake.ts');
  const given = readOptions(words, { help: 'flag' });
  const problem = typeof given === 'string' ? given : `the word ${given.words[0] ?? ''} is one too many`;
  if (typeof given !== 'string' && given.flags.has('help')) {
    console.log(USAGE);
    return;
  }
  process.stderr.write(notUnderstood(problem, USAGE));
  process.exitCode = 2;
};

const words = process.argv.slice(2);
if (words.length === 0) ask();
else void refuse(words);
