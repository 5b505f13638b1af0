/** Pastes a curl command of the documentation; where there is no curl, says the same with fetch. */
import { spawn, spawnSync } from 'node:child_process';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

export const paste = (command: string, env: Readonly<Record<string, string>> = {}): Promise<string> =>
  hasCurl ? inShell(command, env) : withFetch(command, env);

const inShell = async (command: string, env: Readonly<Record<string, string>>): Promise<string> => {
  const child = spawn('sh', ['-c', command.replace(/^curl /, 'curl -sS ')], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let trouble = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (trouble += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${command}\nended with ${code}: ${trouble}`);
  return output;
};

const withFetch = async (command: string, env: Readonly<Record<string, string>>): Promise<string> => {
  const text = command.replaceAll(/\$([A-Z_]+)/g, (_, name: string) => env[name] ?? '');
  const url = /(https?:[^\s']+)/.exec(text)?.[1] ?? '';
  const body = / -d '([^']*)'/.exec(text)?.[1];
  const method = / -X ([A-Z]+)/.exec(text)?.[1] ?? (body === undefined ? 'GET' : 'POST');
  const headers = [...text.matchAll(/-H (["'])([^:]+): (.*?)\1/g)].map(
    ([, , name = '', value = '']): [string, string] => [name, value],
  );
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
  return response.text();
};
