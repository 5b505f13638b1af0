/**
 * Looks up names that clients wrote. The system's own look-up runs on the few threads that all files and all names of the
 * process share: sixteen names of a silent server kept calls to Google waiting for twenty seconds. This one asks the name
 * servers itself, and waits without a thread.
 */
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';

/** All addresses of a name, of both families. */
export type NameLookup = (host: string, signal: AbortSignal) => Promise<readonly string[]>;

export interface NameLookupSettings {
  /** In place of the system's own: for tests, whose server answers on a port of its own. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
}

/** Of one question to one server; then it is asked once more. */
const QUESTION_LIMIT_MS = 1500;
const TRIES = 2;

export const createNameLookup =
  ({ servers, hostsFile = HOSTS_FILE }: NameLookupSettings = {}): NameLookup =>
  async (host, signal) => {
    const listed = addressesIn(await readFile(hostsFile, 'utf8').catch(() => ''), host);
    if (listed.length > 0) return listed;
    signal.throwIfAborted();
    // One for each name: it reads which servers there are, and what it has asked can be taken back.
    const resolver = new Resolver({ timeout: QUESTION_LIMIT_MS, maxTimeout: QUESTION_LIMIT_MS, tries: TRIES });
    if (servers) resolver.setServers(servers);
    const leave = (): void => {
      resolver.cancel();
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
      signal.throwIfAborted();
      const found = [four, six].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      if (found.length === 0 && four.status === 'rejected') throw four.reason;
      return found;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  };

const HOSTS_FILE = process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts';

/** What the owner wrote down for a name wins over all servers, as everywhere on the machine. */
const addressesIn = (hosts: string, host: string): readonly string[] => {
  const name = host.toLowerCase().replace(/\.$/, '');
  return hosts.split('\n').flatMap((line) => {
    const [address, ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    return address !== undefined && names.some((one) => one.toLowerCase() === name) ? [address] : [];
  });
};
