import { networkInterfaces } from 'node:os';
import { inFull } from '../errors.ts';
import type { Status } from '../health.ts';
import { painter } from '../terminal/console.ts';
import type { Color } from '../terminal/console.ts';
import type { ShutDoor } from './first-look.ts';
import { wrapWords } from '../terminal/wrap.ts';

/** Where the key of the clients comes from. */
export type KeySource =
  | { readonly kind: 'variables'; readonly names: readonly string[] }
  | { readonly kind: 'created'; readonly path: string; readonly value: string }
  | { readonly kind: 'stored'; readonly path: string }
  | { readonly kind: 'unsaved'; readonly path: string; readonly value: string };

export interface GreetingFacts {
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly hasConsole: boolean;
  readonly upstream: string;
  /** Why this door. */
  readonly why: string;
  /** What the other doors would need, by their names. */
  readonly others: Readonly<Record<string, string>>;
  readonly key: KeySource;
  readonly status: Status;
  /** How many there are. */
  readonly doors: number;
  /** Those through which nobody gets. */
  readonly shut: readonly ShutDoor[];
  /** Whether all that were asked have answered. */
  readonly isTried: boolean;
}

/** What the owner reads at the start: where, how, with which key, and the first command to try. */
export const greeting = (facts: GreetingFacts, colors: boolean, columns = Infinity): string => {
  const width = Math.min(WIDEST, columns - MARGIN - LABEL_WIDTH);
  const paint = painter(colors);
  const row = (name: string, text: string, color?: Color): string =>
    wrapWords(text, width)
      .map((line, index) => {
        const label = paint('grey', (index === 0 ? name : '').padEnd(LABEL_WIDTH));
        return `  ${label}${color ? paint(color, line) : line}`;
      })
      .join('\n');
  const [first = '', ...others] = addresses(facts.host, facts.port);
  const lines = [
    '',
    `  ${paint('bold', 'gemini-cli-relay')} ${paint('grey', facts.version)}`,
    '',
    row('Listening', first, 'cyan'),
    ...others.map((address) => row('', address, 'cyan')),
    row('Gemini', `${facts.upstream}: ${facts.why}`),
    ...Object.entries(facts.others).map(([other, need]) => row('', `${other} ${need}`, 'grey')),
    row('Key', describeKey(facts.key)),
    ...facts.shut.map(({ id, message }, at) => row(at === 0 ? 'Closed' : '', `${id}: ${message}`, 'yellow')),
    row('State', describeState(facts), isReady(facts) ? 'green' : 'yellow'),
    '',
    `  ${paint('grey', 'Try it:')}`,
    ...tryLines(first, keyInShell(facts.key)).map((line) => `    ${line}`),
    '',
    ...(facts.hasConsole ? [`  ${paint('grey', 'Or in a browser:')} ${paint('cyan', `${first}/console`)}`, ''] : []),
  ];
  return `${lines.join('\n')}\n`;
};

/** Said once, when the key is made, and outside the log: no later line shows it. */
export const keyAnnouncement = (key: KeySource): string | undefined => {
  switch (key.kind) {
    case 'created':
      return `Your key, shown this once (it is kept in ${key.path}): ${key.value}\n`;
    case 'unsaved':
      return `Your key until the next start (${key.path} cannot be written): ${key.value}\n`;
    default:
      return undefined;
  }
};

/** A whole request to paste into a shell; on Windows into PowerShell, whose `curl` is another program. */
export const tryLines = (url: string, key: string, platform: NodeJS.Platform = process.platform): string[] => {
  const body = '{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"Hello!"}]}';
  // Brackets mean something to zsh.
  const address = url.includes('[') ? `'${url}/v1/chat/completions'` : `${url}/v1/chat/completions`;
  return platform === 'win32'
    ? [
        `Invoke-RestMethod ${address} -Method Post \``,
        `  -Headers @{ Authorization = "Bearer ${key}" } -ContentType 'application/json' \``,
        `  -Body '${body}' | ConvertTo-Json -Depth 9`,
      ]
    : [
        `curl ${address} \\`,
        `  -H "Authorization: Bearer ${key}" -H 'Content-Type: application/json' \\`,
        `  -d '${body}'`,
      ];
};

export const describeKey = (key: KeySource): string => {
  switch (key.kind) {
    case 'variables':
      return key.names.join(', ');
    case 'stored':
      return `in ${key.path}, made at an earlier start`;
    case 'created':
      return `in ${key.path}, made just now`;
    case 'unsaved':
      return 'made just now, for this start only; set GEMINI_AUTH_PASSWORD to keep one';
  }
};

/** For the shell, without the key itself. A variable may stand in .env alone, which the shell does not know. */
const keyInShell = (key: KeySource): string =>
  key.kind === 'created' || key.kind === 'stored' ? `$(cat ${asWord(key.path)})` : 'YOUR_KEY';

/** One word of a shell: of sh as well as of PowerShell, which differ in how a quote stands within quotes. */
const asWord = (path: string): string =>
  /^[\w./:-]+$/.test(path) ? path : `'${path.replaceAll("'", process.platform === 'win32' ? "''" : String.raw`'\''`)}'`;

/** A single door that is shut is tried by each request all the same, so the relay's own state does not tell of it. */
const isShut = ({ doors, shut }: GreetingFacts): boolean => shut.length > 0 && shut.length >= doors;

const isReady = (facts: GreetingFacts): boolean => facts.status.status === 'healthy' && facts.isTried && !isShut(facts);

const describeState = (facts: GreetingFacts): string => {
  const { status, message, fix } = facts.status;
  if (status === 'healthy' && isShut(facts)) return 'serving, but no request gets through until that is put right';
  if (status === 'healthy') return facts.isTried ? 'ready' : `serving, but Google has not answered yet.${LATER}`;
  return `${status.replaceAll('_', ' ')}: ${inFull(message, fix)}${status === 'starting' ? LATER : ''}`;
};

const LATER = ' A line below will say when it is ready.';
const LABEL_WIDTH = 10;
const WIDEST = 96;
const MARGIN = 2;

/** What to type into a client: every address of this machine where it listens on all. */
export const addresses = (host: string, port: number): readonly string[] => {
  if (host !== '0.0.0.0' && host !== '::') return [toUrl(host, port)];
  const outside = Object.values(networkInterfaces())
    .flatMap((addressesOfOne) => addressesOfOne ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => toUrl(address, port));
  return [toUrl('127.0.0.1', port), ...outside];
};

export const toUrl = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Why a start failed, with the variable to change where it is one's fault. */
export const describeListenFailure = (error: unknown): string => {
  const { code, port, address, hostname, message } = error as NodeJS.ErrnoException & {
    readonly port?: number;
    readonly address?: string;
    readonly hostname?: string;
  };
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use already. Stop the program that uses it, or set PORT to another one, e.g. PORT=${Number(port) + 1}`;
    case 'EACCES':
      return `Port ${port} may not be used by this account. Set PORT to one above 1023, e.g. PORT=8888`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST=${address ?? hostname ?? ''} is no address of this machine. Set HOST to one, e.g. HOST=127.0.0.1`;
    default:
      return `The relay cannot start: ${message}`;
  }
};
