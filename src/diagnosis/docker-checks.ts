/** The relay's container, where there is Docker. */
import { isObject, parsePlain } from '../json.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { fail, pass, skip } from './check.ts';
import type { Finding } from './check.ts';
import type { RunCommand } from './commands.ts';

export const CONTAINER = 'gemini-cli-relay';
const LOGS = 'Read why: docker compose logs relay';

export const checkDocker = async (run: RunCommand): Promise<Finding> => {
  const { kind, output } = await run('docker', ['version', '--format', '{{.Server.Version}}']);
  const version = output.trim();
  if (kind === 'missing') return skip('Docker is not installed here');
  if (kind === 'failed' || !/^[\w.+~-]+$/.test(version)) {
    return skip(
      'Docker is installed, but its engine does not answer',
      'If the relay is to run in a container: start Docker, and see that you may use it.',
    );
  }
  return pass(`Docker ${version}`);
};

/** `served`: the relay answers, in this container or outside of it. */
export const checkContainer = async (run: RunCommand, served: boolean): Promise<Finding> => {
  const { kind, output } = await run('docker', [
    'inspect',
    '--type',
    'container',
    '--format',
    '{{json .State}}',
    CONTAINER,
  ]);
  if (kind !== 'done') return skip(`there is no container ${CONTAINER}`);
  const state = parsePlain(output);
  if (!isObject(state)) return skip('Docker told nothing about the container');
  const status = typeof state['Status'] === 'string' ? state['Status'] : 'in an unknown state';
  const health = isObject(state['Health']) ? state['Health']['Status'] : undefined;
  const exit = typeof state['ExitCode'] === 'number' ? state['ExitCode'] : 0;
  if (status === 'running' && health !== 'unhealthy')
    return pass(`running${typeof health === 'string' ? `, ${health}` : ''}`);
  if (status === 'running') return fail('running, but unhealthy', LOGS);
  if (status === 'restarting') return fail(`restarting again and again, exit code ${exit}${hint(exit, state)}`, LOGS);
  if (status === 'exited' || status === 'dead') {
    // Whoever serves without it may have stopped it on purpose.
    if (served) return skip(`${status}; the relay serves without it`);
    return fail(`${status}, exit code ${exit}${hint(exit, state)}`, `${LOGS}. Then start it: docker compose up -d`);
  }
  return served ? skip(`${status}; the relay serves without it`) : fail(status, 'Start it: docker compose up -d');
};

const hint = (exit: number, state: Readonly<Record<string, unknown>>): string => {
  if (state['OOMKilled'] === true) return ' (out of memory)';
  if (exit === EXIT.config) return ' (a setting does not work)';
  return exit === EXIT.failed ? ' (often: the port is in use)' : '';
};

const LINES = 20;

/** The last warnings and errors that the container wrote. */
export const lastErrors = async (run: RunCommand): Promise<readonly string[]> => {
  const { kind, output } = await run('docker', ['logs', '--tail', '500', CONTAINER]);
  if (kind !== 'done') return [];
  return output
    .split('\n')
    .filter((line) => /"level":"(?:warn|error)"|\b(?:warn|error)\b/.test(line))
    .slice(-LINES);
};
