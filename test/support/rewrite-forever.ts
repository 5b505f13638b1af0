/** Saves new tokens into a credentials file without end, until it is killed: for the promise that no kill tears the file. */
import { DEFAULT_OAUTH } from '../../src/credentials/google-client.ts';
import { openStore } from '../../src/credentials/store.ts';
import { createSystem } from '../../src/system.ts';

const [path = ''] = process.argv.slice(2);
const quiet = () => undefined;
const log = { info: quiet, warn: quiet, error: quiet, debug: quiet };
const store = await openStore({ path, system: createSystem(), log });
const stored = store.current();
if (stored.kind !== 'oauth') throw new Error(`cannot start: ${stored.kind}`);
process.stdout.write('ready\n');
for (let count = 0; ; count++) {
  const padding = DEFAULT_OAUTH.clientId.repeat(1 + (count % 40));
  await store.save(stored.identity, {
    accessToken: `at-${padding}`,
    expiresAt: 1_800_000_000_000,
    lifetimeMs: 3_600_000,
    refreshToken: `rt-${process.pid}-${count}`,
    extras: {},
  });
  process.stdout.write('saved\n');
}
