import type { Logger } from '../log.ts';
import { launchBrowser } from './launch-browser.ts';

/** Never rejects, and waits for no page: a relay on a machine without a browser serves all the same. */
export const showConsole = async (address: string, log: Logger, launch = launchBrowser): Promise<void> => {
  const tell = (): void => {
    log.warn('no browser could be started: open this address yourself', { url: address });
  };
  const tellNone = (code: number | null): void => {
    if (code !== 0) tell();
  };
  try {
    const browser = await launch(address);
    // What looks for a browser says by its exit that there is none. On Windows it has ended by now.
    if (browser.exitCode === null) browser.once('exit', tellNone);
    else tellNone(browser.exitCode);
  } catch {
    tell();
  }
};
