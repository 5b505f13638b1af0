/**
 * Starts a built relay once, until it serves: what it has compiled is then beside it. `node scripts/warm-up.ts FILE`, for
 * the build of the image, whose program may write nothing later.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Later than the relay writes its cache. */
const STAY_MS = 4000;
const LIMIT_MS = 30_000;

const [file = ''] = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), 'relay-warm-up-'));
const relay = spawn(process.execPath, [file, 'serve', '--port', '0', '--host', '127.0.0.1'], {
  cwd: home,
  env: {
    PATH: process.env['PATH'],
    HOME: home,
    GOOGLE_APPLICATION_CREDENTIALS: join(home, 'oauth_creds.json'),
    // Or it would make one, and show it.
    GEMINI_AUTH_PASSWORD: 'for-this-start-only-0123456789',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const failed = setTimeout(() => {
  relay.kill('SIGKILL');
}, LIMIT_MS);
await once(relay.stdout, 'data');
await new Promise((resolve) => setTimeout(resolve, STAY_MS));
relay.kill('SIGTERM');
const [code] = (await once(relay, 'exit')) as [number | null];
clearTimeout(failed);
rmSync(home, { recursive: true, force: true });
if (code !== 0) throw new Error(`the relay ended with code ${code ?? 'none'}`);
